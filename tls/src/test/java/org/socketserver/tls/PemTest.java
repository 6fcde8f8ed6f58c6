package org.socketserver.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every form of certificates and keys in files, and what is wrong with them. */
class PemTest {
    private static final char[] SECRET = "secret".toCharArray();

    @TempDir
    private Path folder = Path.of("");

    private Path certificate;
    private Path key;

    @BeforeEach
    void name() {
        certificate = folder.resolve("server.pem");
        key = folder.resolve("server.key");
    }

    private Certificates write(String algorithm) throws Exception {
        Certificates made = switch (algorithm) {
            case "RSA" -> Certificates.rsa("localhost");
            case "EC" -> Certificates.ec("localhost");
            default -> Certificates.of("ed", "-keyalg", algorithm);
        };
        return made.write(folder, "server");
    }

    /** A layer only exists if the key signs for the certificate. */
    private void assertAccepted() throws IOException {
        Tls.of(certificate, key);
    }

    private String refused(char[] password) {
        IOException failure = assertThrows(IOException.class, () -> {
            if (password == null) {
                Tls.of(certificate, key);
            } else {
                Tls.of(certificate, key, password);
            }
        });
        return failure.getMessage();
    }

    private void assertRefused(Path file, String problem) {
        String message = refused(null);
        assertTrue(message.startsWith(file.toString()) && message.contains(problem), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519", "Ed448"})
    void pkcs8KeysAreRead(String algorithm) throws Exception {
        write(algorithm);
        assertAccepted();
    }

    /** Returns the key inside PKCS#8, its last element: PKCS#1 or SEC 1. */
    private static byte[] inner(byte[] pkcs8) {
        for (int at = 10; at < 60; at++) {
            // An OCTET STRING with a SEQUENCE up to the end.
            int header = pkcs8[at + 1] >= 0 ? 2 : 2 + (pkcs8[at + 1] & 0x7f);
            if (pkcs8[at] == 4 && pkcs8[at + header] == 0x30 && length(pkcs8, at) == pkcs8.length - at - header) {
                return Arrays.copyOfRange(pkcs8, at + header, pkcs8.length);
            }
        }
        throw new AssertionError();
    }

    private static int length(byte[] der, int at) {
        int bytes = der[at + 1] >= 0 ? 0 : der[at + 1] & 0x7f;
        int length = bytes == 0 ? der[at + 1] : 0;
        for (int i = 0; i < bytes && bytes < 4; i++) {
            length = length << 8 | der[at + 2 + i] & 0xff;
        }
        return length;
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC"})
    void pkcs1AndSec1KeysAreRead(String algorithm) throws Exception {
        byte[] pkcs8 = write(algorithm).key().getEncoded();
        Files.writeString(key, Certificates.pem(algorithm + " PRIVATE KEY", inner(pkcs8)));
        assertAccepted();
    }

    /** With openssl, because the JDK 17 can't name the algorithm of what it encrypts. */
    private void encryptKey() throws Exception {
        Path plain = Files.move(key, folder.resolve("plain.key"), StandardCopyOption.REPLACE_EXISTING);
        openssl("pkcs8 -topk8 -passout pass:" + new String(SECRET) + " -in " + plain + " -out " + key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC"})
    void encryptedKeysNeedTheirPassword(String algorithm) throws Exception {
        write(algorithm);
        encryptKey();
        Tls.of(certificate, key, SECRET)
                .sni("b.example", certificate, key, SECRET)
                .reload();
        assertRefused(key, "is encrypted; pass its password");
        String wrong = refused("wrong".toCharArray());
        assertTrue(wrong.startsWith(key.toString()) && wrong.contains("the password is wrong"), wrong);
    }

    @Test
    void thePasswordIsCopied() throws Exception {
        write("EC");
        encryptKey();
        char[] password = SECRET.clone();
        Tls tls = Tls.of(certificate, key, password);
        Arrays.fill(password, ' ');
        Files.writeString(certificate, "\n" + Files.readString(certificate));
        tls.reload();
    }

    /** As openssl and certbot write them; with parameters and text that the JDK does not write. */
    @ParameterizedTest
    @CsvSource({
        "RSA, pkcs8 -topk8 -nocrypt",
        "RSA, pkcs8 -topk8 -passout pass:secret",
        "RSA, pkcs8 -topk8 -v2 aes-128-cbc -v2prf hmacWithSHA1 -passout pass:secret",
        "RSA, rsa -traditional",
        "EC, pkcs8 -topk8 -nocrypt",
        "EC, pkcs8 -topk8 -passout pass:secret",
        "EC, ec",
    })
    void keysOfOpensslAreRead(String algorithm, String command) throws Exception {
        write(algorithm);
        Path written = folder.resolve("openssl.key");
        openssl(command + " -in " + key + " -out " + written);
        Tls.of(certificate, written, SECRET);
    }

    private static void openssl(String command) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder(("openssl " + command).split(" "))
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException missing) {
            assumeTrue(System.getenv("CI") != null, "openssl is missing");
            throw missing;
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }

    @Test
    void unsupportedEncryptionSaysHowToConvert() throws Exception {
        write("RSA");
        Path written = folder.resolve("openssl.key");
        openssl("pkcs8 -topk8 -scrypt -passout pass:secret -in " + key + " -out " + written);
        key = written;
        String message = refused(SECRET);
        assertTrue(message.contains("openssl pkcs8 -topk8 -v2 aes-256-cbc"), message);
    }

    @Test
    void traditionalEncryptionSaysHowToConvert() throws Exception {
        write("RSA");
        Files.writeString(key, """
                -----BEGIN RSA PRIVATE KEY-----
                Proc-Type: 4,ENCRYPTED
                DEK-Info: AES-256-CBC,0123456789ABCDEF0123456789ABCDEF

                AAAA
                -----END RSA PRIVATE KEY-----
                """);
        assertRefused(key, "openssl pkcs8 -topk8 -in");
    }

    @Test
    void otherKeysSayHowToConvert() throws Exception {
        write("RSA");
        Files.writeString(key, Certificates.pem("OPENSSH PRIVATE KEY", new byte[10]));
        assertRefused(key, "OPENSSH PRIVATE KEY; convert it");
    }

    @Test
    void textAroundBlocksAndWindowsLineEndsAreIgnored() throws Exception {
        Certificates made = write("EC");
        Files.writeString(certificate, "subject=CN\r\n" + made.pem().replace("\n", "\r\n") + "-----BEGIN nothing");
        Files.writeString(key, Certificates.pem("EC PARAMETERS", new byte[] {1}) + "text\n" + made.keyPem());
        assertAccepted();
    }

    @Test
    void theKeyIsNotPartOfTheString() throws Exception {
        write("EC");
        assertEquals(key.toString(), Pem.read(key).toString());
    }

    @Test
    void oneFileCanHaveBoth() throws Exception {
        Certificates made = write("RSA");
        Files.writeString(certificate, made.keyPem() + made.pem());
        Tls.of(certificate, certificate);
    }

    @Test
    void aMissingFileIsNamed() throws Exception {
        write("EC");
        Files.delete(key);
        assertRefused(key, "does not exist");
        assertThrows(IOException.class, () -> Tls.of(folder, folder), "a folder");
    }

    @Test
    void aFileWithoutACertificateIsNamed() throws Exception {
        write("EC");
        Files.copy(key, certificate, StandardCopyOption.REPLACE_EXISTING);
        assertRefused(certificate, "has no certificate; its PEM blocks are [PRIVATE KEY]");
    }

    @Test
    void aFileWithoutAKeyIsNamed() throws Exception {
        write("EC");
        Files.writeString(key, "nothing");
        assertRefused(key, "has no private key; its PEM blocks are []");
    }

    @Test
    void aDamagedCertificateIsNamed() throws Exception {
        write("EC");
        Files.writeString(certificate, Certificates.pem("CERTIFICATE", new byte[] {1, 2, 3}));
        assertRefused(certificate, "certificate 1 can't be read");
        Files.writeString(certificate, "-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----");
        assertRefused(certificate, "is not Base64");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"})
    void aDamagedKeyIsNamed(String type) throws Exception {
        write("EC");
        Files.writeString(key, Certificates.pem(type, new byte[] {1, 2, 3}));
        assertRefused(key, "has no valid EC key");
        Files.writeString(key, Certificates.pem("ENCRYPTED PRIVATE KEY", new byte[] {1, 2, 3}));
        assertTrue(refused(SECRET).startsWith(key + " can't be decrypted"));
    }

    @Test
    void aFileThatIsTooLargeIsNotRead() throws Exception {
        write("EC");
        Files.write(key, new byte[(1 << 20) + 1]);
        assertRefused(key, "more than 1048576 bytes");
    }

    /** In a time that is proportional to its size. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-----BEGIN CERTIFICATE-----\n",
                "-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\n-----END PRIVATE KEY-----\n",
                "-----BEGIN ",
                "-----END ",
                "-"
            })
    void aFileOfUnfinishedBlocksIsRefused(String line) throws Exception {
        write("EC");
        Files.writeString(certificate, line.repeat((1 << 20) / line.length()));
        assertRefused(certificate, "has no certificate; its PEM blocks are []");
    }

    @Test
    void aBlockThatIsCutOffIsNotIgnored() throws Exception {
        Certificates made = write("EC");
        Files.writeString(certificate, made.pem().substring(0, 200) + "\n" + made.pem());
        assertRefused(certificate, "is not Base64");
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws Exception {
        for (Certificates other :
                List.of(Certificates.ec("other"), Certificates.of("big", "-keyalg", "EC", "-groupname", "secp384r1"))) {
            write("EC");
            Files.writeString(key, other.keyPem());
            assertRefused(key, "does not match " + certificate);
        }
        Files.writeString(key, Certificates.rsa("localhost").keyPem());
        assertRefused(key, "has no valid EC key");
    }
}
