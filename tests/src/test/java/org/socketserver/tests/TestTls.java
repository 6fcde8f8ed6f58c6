package org.socketserver.tests;

import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.socketserver.api.spi.Layer;
import org.socketserver.tls.Tls;

/** A layer with a certificate that is made when the JVM first needs it, and clients that trust it. */
final class TestTls {
    /** Trusts its own certificate. */
    private static final SSLContext CONTEXT = context();

    private TestTls() {}

    static Layer layer() {
        return Tls.of(CONTEXT);
    }

    /** Returns a client over a connected socket, which it closes. */
    static SSLSocket client(Socket connected) throws IOException {
        return (SSLSocket) CONTEXT.getSocketFactory().createSocket(connected, "localhost", 0, true);
    }

    private static SSLContext context() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            KeyPair keys = generator.generateKeyPair();
            Certificate certificate = selfSigned(keys);

            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("own", keys.getPrivate(), new char[0], new Certificate[] {certificate});
            store.setCertificateEntry("trusted", certificate);
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(store, new char[0]);
            TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException | OperatorException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static Certificate selfSigned(KeyPair keys) throws GeneralSecurityException, OperatorException {
        X500Principal name = new X500Principal("CN=localhost");
        Instant now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                name,
                BigInteger.ONE,
                Date.from(now.minus(1, ChronoUnit.DAYS)),
                Date.from(now.plus(1, ChronoUnit.DAYS)),
                name,
                keys.getPublic());
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }
}
