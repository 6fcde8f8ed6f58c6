package org.socketserver.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A certificate with its key.
 *
 * @param serverName the server name for which it is used, in lower case: a host, {@code *.} and a domain, or empty for
 *     the default
 * @param file the file of the certificate
 * @param chain the certificate, followed by its issuers
 * @param key its private key
 */
record Identity(String serverName, Path file, List<X509Certificate> chain, PrivateKey key) {
    /** Creates an identity from two files. Throws if the key does not match the certificate. */
    static Identity of(String serverName, Pem certificateFile, Pem keyFile, char @Nullable [] password)
            throws IOException {
        List<X509Certificate> chain = certificateFile.certificates();
        PublicKey owner = chain.get(0).getPublicKey();
        PrivateKey key = keyFile.privateKey(owner, password);
        if (!belongTogether(owner, key)) {
            throw new IOException(keyFile.file() + " does not match " + certificateFile.file()
                    + "; use the key of its first certificate, which must be the server's");
        }
        return new Identity(serverName, certificateFile.file(), chain, key);
    }

    private static boolean belongTogether(PublicKey owner, PrivateKey key) {
        String algorithm = switch (owner.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> owner.getAlgorithm();
        };
        byte[] message = {1};
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(message);
            byte[] signed = signature.sign();
            signature.initVerify(owner);
            signature.update(message);
            return signature.verify(signed);
        } catch (GeneralSecurityException mismatch) {
            // Keys of different lengths or on different curves.
            return false;
        }
    }
}
