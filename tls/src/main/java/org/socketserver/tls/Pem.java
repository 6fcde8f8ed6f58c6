package org.socketserver.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A file of PEM blocks (RFC 7468), with any text around them.
 *
 * @param file the file, for messages
 * @param text its contents
 */
record Pem(Path file, String text) {
    /** More than any chain of certificates has. Bounds the memory if a path is wrong. */
    private static final int MAX_BYTES = 1 << 20;

    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    /** The version of PKCS#8: INTEGER 0. */
    private static final byte[] VERSION = {0x02, 0x01, 0x00};

    private record Block(String type, String body) {}

    /** Reads a file. */
    static Pem read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException missing) {
            throw new IOException(file + " does not exist", missing);
        } catch (IOException failure) {
            throw new IOException(file + " can't be read: " + failure, failure);
        }
        if (bytes.length > MAX_BYTES) {
            throw new IOException(file + " has more than " + MAX_BYTES + " bytes, so it is not a PEM file");
        }
        return new Pem(file, new String(bytes, StandardCharsets.ISO_8859_1));
    }

    /** Looks at each byte a constant number of times. A block starts after the end of the block before. */
    private List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        int start = 0;
        int end = text.indexOf(END);
        while (end >= 0) {
            int type = end + END.length();
            int next = text.indexOf(DASHES, type);
            if (next < 0) {
                break;
            }
            String before = text.substring(start, end);
            String begin = BEGIN + text.substring(type, next) + DASHES;
            int found = before.indexOf(begin);
            if (found >= 0) {
                blocks.add(new Block(text.substring(type, next), before.substring(found + begin.length())));
            }
            start = next;
            end = text.indexOf(END, start);
        }
        return blocks;
    }

    private IOException missing(String what) {
        return failure("has no " + what + "; its PEM blocks are "
                + blocks().stream().map(Block::type).toList());
    }

    private IOException failure(String problem) {
        return new IOException(file + " " + problem);
    }

    private IOException failure(String problem, Exception cause) {
        return new IOException(file + " " + problem + ": " + cause.getMessage(), cause);
    }

    private byte[] der(Block block) throws IOException {
        try {
            return Base64.getDecoder().decode(block.body().replaceAll("\\s", ""));
        } catch (IllegalArgumentException invalid) {
            throw failure("is damaged, its " + block.type() + " is not Base64", invalid);
        }
    }

    /** Returns all certificates, in their order. There is at least one. */
    List<X509Certificate> certificates() throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks()) {
            if (block.type().equals("CERTIFICATE")) {
                try {
                    certificates.add((X509Certificate) CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(der(block))));
                } catch (CertificateException invalid) {
                    throw failure("is damaged, certificate " + (certificates.size() + 1) + " can't be read", invalid);
                }
            }
        }
        if (certificates.isEmpty()) {
            throw missing("certificate");
        }
        return certificates;
    }

    /**
     * Returns the first private key: PKCS#8, encrypted PKCS#8 (PBES2), PKCS#1 (RSA) or SEC 1 (EC).
     *
     * @param owner the key of the certificate: the private key has the same algorithm
     */
    PrivateKey privateKey(PublicKey owner, char @Nullable [] password) throws IOException {
        Block block = blocks().stream()
                .filter(candidate -> candidate.type().endsWith("PRIVATE KEY"))
                .findFirst()
                .orElseThrow(() -> missing("private key"));
        if (block.body().contains("Proc-Type:")) {
            throw failure(
                    "is encrypted in the traditional form, which Java can't read; convert it: openssl pkcs8 -topk8"
                            + " -in " + file + " -out NEW");
        }
        String algorithm = owner.getAlgorithm();
        try {
            PKCS8EncodedKeySpec spec = switch (block.type()) {
                case "PRIVATE KEY" -> new PKCS8EncodedKeySpec(der(block));
                case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> new PKCS8EncodedKeySpec(pkcs8(der(block), owner));
                case "ENCRYPTED PRIVATE KEY" -> decrypted(der(block), password);
                default ->
                    throw failure("has an unsupported " + block.type() + "; convert it: openssl pkcs8 -topk8"
                            + " -nocrypt -in " + file + " -out NEW");
            };
            return KeyFactory.getInstance(algorithm).generatePrivate(spec);
        } catch (GeneralSecurityException invalid) {
            throw failure(
                    "has no valid " + algorithm + " key, which its certificate needs; use the key that belongs to the"
                            + " certificate",
                    invalid);
        }
    }

    private PKCS8EncodedKeySpec decrypted(byte[] der, char @Nullable [] password) throws IOException {
        if (password == null) {
            throw failure("is encrypted; pass its password");
        }
        PBEKeySpec secret = new PBEKeySpec(password);
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
            // For PBES2, the name of the parameters is only "PBES2", and their text names the algorithms.
            String algorithm = info.getAlgParameters().toString();
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(secret),
                    info.getAlgParameters());
            return info.getKeySpec(cipher);
        } catch (InvalidKeySpecException wrong) {
            throw failure("can't be decrypted, the password is wrong or the key is damaged", wrong);
        } catch (GeneralSecurityException | IOException | NullPointerException unsupported) {
            throw failure(
                    "can't be decrypted, its encryption is not PBES2 with AES; convert it:"
                            + " openssl pkcs8 -topk8 -v2 aes-256-cbc -in " + file + " -out NEW",
                    unsupported);
        } finally {
            secret.clearPassword();
        }
    }

    /**
     * Wraps a key of PKCS#1 or SEC 1 into PKCS#8 (RFC 5208, section 5). The algorithm, for EC with the curve, is that
     * of the certificate: the first element of its public key (RFC 5280, section 4.1).
     */
    private static byte[] pkcs8(byte[] key, PublicKey owner) {
        byte[] encoded = owner.getEncoded();
        int start = contents(encoded, 0);
        int end = contents(encoded, start) + length(encoded, start);
        byte[] algorithm = Arrays.copyOfRange(encoded, start, end);
        return element(SEQUENCE, VERSION, algorithm, element(OCTET_STRING, key));
    }

    /** Returns where the contents of the DER element at an offset begin. */
    private static int contents(byte[] der, int offset) {
        return offset + 2 + (der[offset + 1] < 0 ? der[offset + 1] & 0x7f : 0);
    }

    private static int length(byte[] der, int offset) {
        int length = der[offset + 1];
        if (length < 0) {
            length = 0;
            for (int i = offset + 2; i < contents(der, offset); i++) {
                length = length << 8 | der[i] & 0xff;
            }
        }
        return length;
    }

    private static byte[] element(int tag, byte[]... parts) {
        ByteArrayOutputStream contents = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            contents.writeBytes(part);
        }
        int length = contents.size();
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        if (length < 0x80) {
            element.write(length);
        } else {
            // DER: in as few bytes as possible. A file has at most 1 MiB, which fits 3 bytes.
            int bytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
            element.write(0x80 | bytes);
            for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
                element.write(length >> shift);
            }
        }
        element.writeBytes(contents.toByteArray());
        return element.toByteArray();
    }

    /** Returns the file only, because the text can be a private key. */
    @Override
    public String toString() {
        return file.toString();
    }
}
