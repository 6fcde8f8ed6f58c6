package org.socketserver.examples.cli;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The server certificates that a client accepts; {@code isChecked} is false if it accepts all of them. */
record Trust(SSLContext context, boolean isChecked) {
    /** Returns the trust in the certificates of a file and what they have issued, or without a file as the JDK. */
    static Trust of(@Nullable Path file) throws IOException, GeneralSecurityException {
        if (file == null) {
            return new Trust(context(null), true);
        }
        try (InputStream in = new FileInputStream(file.toFile())) {
            var authorities = CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (authorities.isEmpty()) {
                throw new CertificateException("the file is empty");
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate authority : authorities) {
                store.setCertificateEntry("authority " + store.size(), authority);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return new Trust(context(factory.getTrustManagers()), true);
        } catch (CertificateException invalid) {
            throw new IOException(file + " has no valid certificate: " + invalid.getMessage(), invalid);
        }
    }

    /** Returns the trust in everybody. The fingerprint of a certificate goes to {@code log}. */
    static Trust ofEverybody(Consumer<String> log) throws GeneralSecurityException {
        TrustManager all = new X509TrustManager() {
            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
                log.accept("the server's certificate is not checked: " + fingerprint(chain[0]));
            }

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        return new Trust(context(new TrustManager[] {all}), false);
    }

    private static SSLContext context(TrustManager @Nullable [] trusted) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trusted, null);
        return context;
    }

    /** Returns the SHA-256 fingerprint in the form of openssl. */
    static String fingerprint(X509Certificate certificate) throws CertificateException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return "SHA-256 " + HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
        } catch (NoSuchAlgorithmException never) {
            throw new AssertionError(never);
        }
    }
}
