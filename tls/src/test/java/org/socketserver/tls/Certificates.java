package org.socketserver.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates made with the keytool of this JDK, once in a JVM: an authority, and what it has issued. */
final class Certificates {
    private static final char[] PASSWORD = "changeit".toCharArray();

    static {
        // Before the first use of TLS: both sides change their keys after 64 KiB, so that all tests of much data do so.
        Security.setProperty("jdk.tls.keyLimits", "AES/GCM/NoPadding KeyUpdate 2^16");
    }

    private static final Map<String, Certificates> MADE = new HashMap<>();

    private final PrivateKey key;
    private final List<Certificate> chain;

    private Certificates(PrivateKey key, List<Certificate> chain) {
        this.key = key;
        this.chain = chain;
    }

    /** Returns an RSA certificate of a host, issued by the authority. */
    static Certificates rsa(String host) {
        return of(host, "-keyalg", "RSA", "-keysize", "2048", "-ext", "san=dns:" + host);
    }

    /** Returns an EC certificate of a host, issued by the authority. */
    static Certificates ec(String host) {
        return of(host, "-keyalg", "EC", "-groupname", "secp256r1", "-ext", "san=dns:" + host);
    }

    static Certificates of(String name, String... options) {
        return make(name, "authority", options);
    }

    static Certificates authority() {
        return make("authority", null, "-keyalg", "EC", "-ext", "bc:c");
    }

    /** Returns a certificate that only its owner trusts. */
    static Certificates stranger() {
        return make("stranger", null, "-keyalg", "EC");
    }

    private static synchronized Certificates make(String name, String signer, String... options) {
        String id = name + signer + List.of(options);
        Certificates made = MADE.get(id);
        if (made == null) {
            try {
                made = generate(name, signer, options);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            } catch (GeneralSecurityException | InterruptedException failure) {
                throw new IllegalStateException(failure);
            }
            MADE.put(id, made);
        }
        return made;
    }

    private static Certificates generate(String name, String signer, String... options)
            throws IOException, GeneralSecurityException, InterruptedException {
        Path store = Files.createTempFile("certificates", ".p12");
        Files.delete(store);
        try {
            if (signer != null) {
                KeyStore keys = KeyStore.getInstance("PKCS12");
                keys.load(null, null);
                keys.setKeyEntry(signer, authority().key, PASSWORD, authority().chain());
                try (var out = Files.newOutputStream(store)) {
                    keys.store(out, PASSWORD);
                }
            }
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-J-XX:TieredStopAtLevel=1"));
            command.addAll(List.of("-genkeypair", "-alias", "key", "-dname", "CN=" + name, "-storetype", "PKCS12"));
            command.addAll(List.of("-keystore", store.toString(), "-storepass", new String(PASSWORD)));
            command.addAll(signer == null ? List.of() : List.of("-signer", signer));
            command.addAll(List.of(options));
            Process keytool =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (keytool.waitFor() != 0) {
                throw new IOException(command + ": " + output);
            }
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD);
            }
            return new Certificates(
                    (PrivateKey) keys.getKey("key", PASSWORD), List.of(keys.getCertificateChain("key")));
        } finally {
            Files.deleteIfExists(store);
        }
    }

    PrivateKey key() {
        return key;
    }

    private Certificate[] chain() {
        return chain.toArray(Certificate[]::new);
    }

    Certificate certificate() {
        return chain.get(0);
    }

    /** Returns the certificate and its issuers in PEM. */
    String pem() throws GeneralSecurityException {
        StringBuilder pem = new StringBuilder();
        for (Certificate certificate : chain) {
            pem.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        return pem.toString();
    }

    /** Returns the key in PEM. */
    String keyPem() {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + type + "-----\n";
    }

    /** Writes the certificate to {@code NAME.pem} and the key to {@code NAME.key}. */
    Certificates write(Path folder, String name) throws IOException, GeneralSecurityException {
        Files.writeString(folder.resolve(name + ".pem"), pem());
        Files.writeString(folder.resolve(name + ".key"), keyPem());
        return this;
    }

    /** Writes both files and returns a layer with them. */
    Tls tls(Path folder) throws IOException, GeneralSecurityException {
        write(folder, "server");
        return Tls.of(folder.resolve("server.pem"), folder.resolve("server.key"));
    }

    /** Returns a context that has this certificate and trusts the authority. */
    SSLContext context() throws GeneralSecurityException, IOException {
        return context(this);
    }

    /** Returns a context that has no certificate and trusts the authority. */
    static SSLContext clientContext() throws GeneralSecurityException, IOException {
        return context(null);
    }

    private static SSLContext context(Certificates own) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("authority", authority().certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        KeyStore ownKey = KeyStore.getInstance("PKCS12");
        ownKey.load(null, null);
        if (own != null) {
            ownKey.setKeyEntry("own", own.key, PASSWORD, own.chain());
        }
        keys.init(ownKey, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
