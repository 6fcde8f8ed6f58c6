package org.socketserver.examples;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate with its key: an authority, or issued by one. */
public record TestCertificate(X509Certificate certificate, KeyPair keys) {
    private static final AtomicInteger SERIAL = new AtomicInteger(1);

    public static TestCertificate authority(String name) throws Exception {
        return make(name, null);
    }

    /** Issues a certificate for 127.0.0.1, ::1 and a host name. */
    public TestCertificate issueLocal(String host) throws Exception {
        return make(
                host,
                this,
                new GeneralName(GeneralName.dNSName, host),
                new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
                new GeneralName(GeneralName.iPAddress, "::1"));
    }

    /** Issues a certificate for a host name. */
    public TestCertificate issue(String host) throws Exception {
        return make(host, this, new GeneralName(GeneralName.dNSName, host));
    }

    private static TestCertificate make(String name, TestCertificate issuer, GeneralName... names) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair keys = generator.generateKeyPair();
        X500Name subject = new X500Name("CN=" + name);
        Instant now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                issuer == null
                        ? subject
                        : new X500Name(
                                issuer.certificate.getSubjectX500Principal().getName()),
                BigInteger.valueOf(SERIAL.getAndIncrement()),
                Date.from(now.minus(Duration.ofHours(1))),
                Date.from(now.plus(Duration.ofDays(100))),
                subject,
                keys.getPublic());
        if (issuer == null) {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        } else {
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
        }
        KeyPair signer = issuer == null ? keys : issuer.keys;
        return new TestCertificate(
                new JcaX509CertificateConverter()
                        .getCertificate(builder.build(
                                new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()))),
                keys);
    }

    /** Writes the certificate to {@code NAME.pem} and the key to {@code NAME.key}, and returns the former. */
    public Path write(Path folder, String name) throws Exception {
        write(folder.resolve(name + ".key"), "PRIVATE KEY", keys.getPrivate().getEncoded());
        return write(folder.resolve(name + ".pem"), "CERTIFICATE", certificate.getEncoded());
    }

    private static Path write(Path file, String type, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        return Files.writeString(file, "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n");
    }
}
