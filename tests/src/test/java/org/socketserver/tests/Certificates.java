package org.socketserver.tests;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A key on P-256 with a certificate, made by the test.
 *
 * @param keys the key
 * @param chain the certificate, and its issuer unless it has signed itself
 */
record Certificates(KeyPair keys, List<X509Certificate> chain) {
    private static final char[] NO_PASSWORD = {};

    /** Returns a certificate of an authority, which is in no other's trust store. */
    static Certificates authority(String name) {
        return make(name, null);
    }

    /** Returns a certificate of a host, issued by this authority. */
    Certificates issue(String host) {
        return make(host, this);
    }

    private static Certificates make(String name, Certificates issuer) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            KeyPair keys = generator.generateKeyPair();
            X500Principal subject = new X500Principal("CN=" + name);
            Instant now = Instant.now();
            var builder = new JcaX509v3CertificateBuilder(
                    issuer == null ? subject : issuer.certificate().getSubjectX500Principal(),
                    new BigInteger(64, new SecureRandom()),
                    Date.from(now.minus(1, ChronoUnit.HOURS)),
                    Date.from(now.plus(200, ChronoUnit.DAYS)),
                    subject,
                    keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(issuer == null));
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
            KeyPair signing = issuer == null ? keys : issuer.keys;
            X509Certificate certificate = new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signing.getPrivate())));
            return new Certificates(
                    keys, issuer == null ? List.of(certificate) : List.of(certificate, issuer.certificate()));
        } catch (GeneralSecurityException | OperatorException | CertIOException failure) {
            throw new IllegalStateException(failure);
        }
    }

    X509Certificate certificate() {
        return chain.get(0);
    }

    /** Writes {@code NAME.pem} with the certificates and {@code NAME.key} with the key. */
    Certificates write(Path folder, String name) throws IOException {
        StringBuilder certificates = new StringBuilder();
        try {
            for (X509Certificate certificate : chain) {
                certificates.append(pem("CERTIFICATE", certificate.getEncoded()));
            }
        } catch (GeneralSecurityException failure) {
            throw new IOException(failure);
        }
        replace(
                folder.resolve(name + ".key"),
                pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        replace(folder.resolve(name + ".pem"), certificates.toString());
        return this;
    }

    /** Replaces a file in one step, so that nobody reads half of it. */
    private static void replace(Path file, String text) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(next, text);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String pem(String type, byte[] bytes) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + type + "-----\n";
    }

    /** Returns a context with this key, which trusts the given authorities. */
    SSLContext context(Certificates... trusted) {
        return context(this, trusted);
    }

    /** Returns a context without a key, which trusts the given authorities. */
    static SSLContext trusting(Certificates... trusted) {
        return context(null, trusted);
    }

    private static SSLContext context(Certificates own, Certificates... trusted) {
        try {
            KeyStore ownKey = KeyStore.getInstance("PKCS12");
            ownKey.load(null, null);
            if (own != null) {
                ownKey.setKeyEntry("own", own.keys.getPrivate(), NO_PASSWORD, own.chain.toArray(Certificate[]::new));
            }
            KeyStore authorities = KeyStore.getInstance("PKCS12");
            authorities.load(null, null);
            for (Certificates each : Stream.of(trusted).toList()) {
                authorities.setCertificateEntry("authority " + authorities.size(), each.certificate());
            }
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(ownKey, NO_PASSWORD);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException failure) {
            throw new IllegalStateException(failure);
        }
    }
}
