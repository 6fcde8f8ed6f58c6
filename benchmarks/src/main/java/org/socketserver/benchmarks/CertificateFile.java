package org.socketserver.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Creates a key on P-256 and a self-signed certificate, which all servers use. */
final class CertificateFile {
    /** Protects a key that is written to the same folder without a password. */
    private static final String PASSWORD = "benchmarks";

    private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private CertificateFile() {}

    /**
     * Creates a PEM file with the key and the certificate; overwrites it.
     *
     * @throws IOException if keytool fails or the file can't be written
     */
    static void create(Path file) throws IOException {
        Path store = file.resolveSibling("certificate.p12");
        Files.deleteIfExists(store);
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        List<String> command = new ArrayList<>(List.of(keytool, "-keystore", store.toString(), "-storepass", PASSWORD));
        command.addAll(List.of("-storetype", "PKCS12", "-genkeypair", "-alias", "server", "-dname", "CN=localhost"));
        command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2"));
        Command.output(command.toArray(String[]::new));
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            byte[] key = keys.getKey("server", PASSWORD.toCharArray()).getEncoded();
            byte[] certificate = keys.getCertificate("server").getEncoded();
            Files.writeString(file, block("PRIVATE KEY", key) + block("CERTIFICATE", certificate));
        } catch (GeneralSecurityException invalid) {
            throw new IOException("no key from keytool: " + invalid, invalid);
        } finally {
            Files.deleteIfExists(store);
        }
    }

    private static String block(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + PEM.encodeToString(der) + "\n-----END " + type + "-----\n";
    }
}
