package org.socketserver.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.spi.Connection;

/** Handshakes with the JDK's client. */
class TlsHandshakeTest {
    @TempDir
    private Path folder = Path.of("");

    private Loopback loopback;

    @BeforeEach
    void open() throws IOException {
        loopback = new Loopback();
    }

    @AfterEach
    void close() throws IOException {
        loopback.close();
    }

    private static void echo(Loopback.Pair pair) throws IOException {
        pair.writeAtClient("ping");
        assertEquals("ping", pair.readAtServer(4));
        pair.writeAtServer("pong");
        assertEquals("pong", pair.readAtClient(4));
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, rsa", "TLSv1.2, ec", "TLSv1.3, rsa", "TLSv1.3, ec"})
    void bothVersionsEchoWithBothKeys(String version, String kind) throws Exception {
        Certificates own = kind.equals("rsa") ? Certificates.rsa("localhost") : Certificates.ec("localhost");
        Loopback.Pair pair = loopback.connect(own.tls(folder), version);
        echo(pair);
        assertEquals(version, pair.client().getSession().getProtocol());
        assertEquals(
                new TlsPeer(
                        version,
                        pair.client().getSession().getCipherSuite(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty()),
                pair.peer());
        assertEquals(Optional.empty(), pair.peer().name());
    }

    @Test
    void anEd25519CertificateWorks() throws Exception {
        Certificates own = Certificates.of("ed", "-keyalg", "Ed25519");
        Loopback.Pair pair = loopback.connect(own.tls(folder));
        echo(pair);
        assertEquals(own.certificate(), pair.client().getSession().getPeerCertificates()[0]);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x0301, 0x0302})
    void olderVersionsAreRefusedWithAnAlert(int version) throws Exception {
        Future<Connection> server = loopback.accept(Certificates.ec("localhost").tls(folder));
        try (Socket client = loopback.connectPlain()) {
            ByteBuffer hello = ByteBuffer.allocate(52);
            hello.put((byte) 22).putShort((short) 0x0301).putShort((short) 47);
            hello.put((byte) 1)
                    .put((byte) 0)
                    .putShort((short) 43)
                    .putShort((short) version)
                    .position(44);
            hello.putShort((short) 4).putShort((short) 0xC009).putShort((short) 0xC00A);
            hello.put((byte) 1).put((byte) 0);
            client.getOutputStream().write(hello.array());
            IOException failure = assertThrows(IOException.class, () -> Loopback.get(server));
            assertTrue(failure.getMessage().contains("TLSv1"), failure.getMessage());
            byte[] alert = client.getInputStream().readNBytes(7);
            assertEquals(21, alert[0], "alert");
            assertEquals(70, alert[6], "protocol_version");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientResumesItsSession(String version) throws Exception {
        Tls tls = Certificates.ec("localhost").tls(folder);
        SSLContext context = Certificates.clientContext();
        Loopback.Pair first = loopback.connect(tls, loopback.connect(context, version));
        echo(first);
        first.client().getSession().putValue("first", true);
        first.server().shutdownOutput();
        first.client().close();
        Loopback.Pair second = loopback.connect(tls, loopback.connect(context, version));
        echo(second);
        assertNotNull(second.client().getSession().getValue("first"));
    }

    /** Resumed or not: the JDK 25 resumes only sessions with the default certificate. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientThatHasASessionOfANameGetsTheSameCertificateAgain(String version) throws Exception {
        Certificates named = Certificates.ec("b.example").write(folder, "b");
        Tls tls = Certificates.rsa("localhost")
                .tls(folder)
                .sni("b.example", folder.resolve("b.pem"), folder.resolve("b.key"));
        SSLContext context = Certificates.clientContext();
        for (int i = 0; i < 3; i++) {
            Loopback.Pair pair = loopback.connect(tls, named("b.example", loopback.connect(context, version)));
            echo(pair);
            assertEquals(named.certificate(), pair.client().getSession().getPeerCertificates()[0]);
            assertEquals(Optional.of("b.example"), pair.peer().sni());
        }
    }

    private static SSLSocket named(String serverName, SSLSocket client) {
        SSLParameters parameters = client.getSSLParameters();
        parameters.setServerNames(serverName.isEmpty() ? List.of() : List.of(new SNIHostName(serverName)));
        client.setSSLParameters(parameters);
        return client;
    }

    private String served(Tls tls, String serverName, String... versions) throws Exception {
        Loopback.Pair pair =
                loopback.connect(tls, named(serverName, loopback.connect(Certificates.clientContext(), versions)));
        assertEquals(
                Optional.of(serverName.toLowerCase()).filter(name -> !name.isEmpty()),
                pair.peer().sni());
        return ((X509Certificate) pair.client().getSession().getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theServerNameChoosesTheCertificate(String version) throws Exception {
        Certificates.rsa("b.example").write(folder, "b");
        Certificates.ec("wild").write(folder, "wild");
        Tls tls = Certificates.ec("localhost")
                .tls(folder)
                .sni("B.example", folder.resolve("b.pem"), folder.resolve("b.key"))
                .sni("*.B.example", folder.resolve("wild.pem"), folder.resolve("wild.key"));
        assertEquals("CN=b.example", served(tls, "b.example", version));
        assertEquals("CN=b.example", served(tls, "B.EXAMPLE", version));
        assertEquals("CN=wild", served(tls, "x.b.example", version));
        assertEquals("CN=localhost", served(tls, "y.x.b.example", version), "two labels");
        assertEquals("CN=localhost", served(tls, "c.example", version), "unknown");
        assertEquals("CN=localhost", served(tls, "", version), "none");
    }

    @Test
    void aNameCanHaveCertificatesWithDifferentKeys() throws Exception {
        Certificates.rsa("b.example").write(folder, "rsa");
        Certificates.ec("b.example").write(folder, "ec");
        Tls tls = Certificates.ec("localhost")
                .tls(folder)
                .sni("b.example", folder.resolve("rsa.pem"), folder.resolve("rsa.key"))
                .sni("b.example", folder.resolve("ec.pem"), folder.resolve("ec.key"));
        for (String key : List.of("RSA", "ECDSA")) {
            SSLSocket client = named("b.example", loopback.connect(Certificates.clientContext(), "TLSv1.2"));
            client.setEnabledCipherSuites(new String[] {"TLS_ECDHE_" + key + "_WITH_AES_128_GCM_SHA256"});
            Loopback.Pair pair = loopback.connect(tls, client);
            assertEquals(
                    "TLS_ECDHE_" + key + "_WITH_AES_128_GCM_SHA256", pair.peer().cipherSuite());
        }
    }

    private static SSLSocket offering(SSLSocket client, String... protocols) {
        SSLParameters parameters = client.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        client.setSSLParameters(parameters);
        return client;
    }

    @Test
    void theServersFirstApplicationProtocolIsChosen() throws Exception {
        Tls tls = Certificates.ec("localhost").tls(folder).alpn("chat/2", "chat/1");
        SSLContext context = Certificates.clientContext();
        Loopback.Pair both = loopback.connect(tls, offering(loopback.connect(context), "chat/1", "chat/2", "x"));
        assertEquals(Optional.of("chat/2"), both.peer().alpn());
        assertEquals("chat/2", both.client().getApplicationProtocol());
        assertEquals(Optional.empty(), loopback.connect(tls).peer().alpn(), "a client without ALPN");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void withoutACommonApplicationProtocolTheHandshakeFails(String version) throws Exception {
        Tls tls = Certificates.ec("localhost").tls(folder).alpn("chat/1");
        SSLSocket client = offering(loopback.connect(Certificates.clientContext(), version), "other");
        Future<Connection> server = loopback.accept(tls);
        SSLException refused = assertThrows(SSLException.class, client::startHandshake);
        assertTrue(refused.getMessage().contains("no_application_protocol"), refused.getMessage());
        IOException failure = assertThrows(IOException.class, () -> Loopback.get(server));
        assertTrue(failure.getMessage().startsWith("TLS handshake failed: "), failure.getMessage());
        assertTrue(failure.getMessage().contains("application layer protocol"), failure.getMessage());
    }

    @Test
    void withoutAlpnAtTheServerOffersAreIgnored() throws Exception {
        Tls tls = Certificates.ec("localhost").tls(folder);
        Loopback.Pair pair = loopback.connect(tls, offering(loopback.connect(Certificates.clientContext()), "x"));
        assertEquals(Optional.empty(), pair.peer().alpn());
    }

    private Tls withClients(Tls.Clients clients) throws Exception {
        Certificates.authority().write(folder, "ca");
        return Certificates.ec("localhost").tls(folder).clients(clients, folder.resolve("ca.pem"));
    }

    @ParameterizedTest
    @CsvSource({"OPTIONAL, TLSv1.2", "OPTIONAL, TLSv1.3", "REQUIRED, TLSv1.2", "REQUIRED, TLSv1.3"})
    void aClientWithACertificateIsNamed(Tls.Clients clients, String version) throws Exception {
        Certificates alice = Certificates.ec("alice");
        Loopback.Pair pair = loopback.connect(withClients(clients), loopback.connect(alice.context(), version));
        echo(pair);
        assertEquals(alice.certificate(), pair.peer().certificates().get(0));
        assertEquals(Optional.of("CN=alice"), pair.peer().name());
    }

    @Test
    void certificatesAreNotRequestedByDefault() throws Exception {
        Loopback.Pair pair = loopback.connect(
                Certificates.ec("localhost").tls(folder),
                loopback.connect(Certificates.ec("alice").context()));
        assertEquals(List.of(), pair.peer().certificates());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aResumedSessionHasNoCertificatesIfNoneAreRequested(String version) throws Exception {
        Tls optional = withClients(Tls.Clients.OPTIONAL);
        SSLContext context = Certificates.ec("alice").context();
        Loopback.Pair first = loopback.connect(optional, loopback.connect(context, version));
        echo(first);
        assertEquals(Optional.of("CN=alice"), first.peer().name());
        first.client().getSession().putValue("first", true);
        Loopback.Pair second = loopback.connect(optional.clients(Tls.Clients.NONE), loopback.connect(context, version));
        echo(second);
        assertNotNull(second.client().getSession().getValue("first"), "resumed");
        assertEquals(List.of(), second.peer().certificates());
    }

    @Test
    void anOptionalCertificateMayBeMissing() throws Exception {
        Loopback.Pair pair = loopback.connect(withClients(Tls.Clients.OPTIONAL));
        echo(pair);
        assertEquals(List.of(), pair.peer().certificates());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aRequiredCertificateMustNotBeMissing(String version) throws Exception {
        Future<Connection> server = loopback.accept(withClients(Tls.Clients.REQUIRED));
        SSLSocket client = loopback.connect(Certificates.clientContext(), version);
        // In TLS 1.3, the client gets the alert only when it reads.
        assertThrows(SSLException.class, () -> {
            client.startHandshake();
            client.getInputStream().read();
        });
        IOException failure = assertThrows(IOException.class, () -> Loopback.get(server));
        assertTrue(failure.getMessage().contains("ertificate"), failure.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"OPTIONAL, TLSv1.2", "OPTIONAL, TLSv1.3", "REQUIRED, TLSv1.2", "REQUIRED, TLSv1.3"})
    void aCertificateOfAnotherAuthorityIsRefused(Tls.Clients clients, String version) throws Exception {
        // Without the bound of the server's list of authorities, the client would send none.
        Future<Connection> server = loopback.accept(withClients(clients));
        SSLSocket client = loopback.connect(Insistent.context(Certificates.stranger()), version);
        assertThrows(SSLException.class, () -> {
            client.startHandshake();
            client.getInputStream().read();
        });
        IOException failure = assertThrows(IOException.class, () -> Loopback.get(server));
        assertTrue(failure.getMessage().contains("PKIX"), failure.getMessage());
    }

    @Test
    void anExistingContextHasTheKeysAndTheAuthorities() throws Exception {
        Tls tls = Tls.of(Certificates.ec("localhost").context()).clients(Tls.Clients.REQUIRED);
        Loopback.Pair pair =
                loopback.connect(tls, loopback.connect(Certificates.ec("alice").context()));
        echo(pair);
        assertEquals(Optional.of("CN=alice"), pair.peer().name());
    }

    @Test
    void textInsteadOfTlsIsRefused() throws Exception {
        Future<Connection> server = loopback.accept(Certificates.ec("localhost").tls(folder));
        try (Socket client = loopback.connectPlain()) {
            client.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            IOException failure = assertThrows(IOException.class, () -> Loopback.get(server));
            assertEquals("the client did not speak TLS", failure.getMessage());
        }
    }

    @Test
    void aSilentClientEndsWithTheConnectionBelow() throws Exception {
        Tls tls = Certificates.ec("localhost").tls(folder);
        try (Socket client = loopback.connectPlain()) {
            Connection below = loopback.acceptPlain();
            Future<Connection> server = loopback.run(() -> tls.over(below));
            client.getOutputStream().write(22);
            assertFalse(server.isDone());
            below.close();
            assertInstanceOf(ClosedChannelException.class, assertThrows(IOException.class, () -> Loopback.get(server)));
        }
    }

    @Test
    void aClientThatDisconnectsIsReportedAsDisconnected() throws Exception {
        Future<Connection> server = loopback.accept(Certificates.ec("localhost").tls(folder));
        loopback.connectPlain().close();
        assertThrows(DisconnectedException.class, () -> Loopback.get(server));
    }

    @Test
    void theServersFlightIsOneWrite() throws Exception {
        CountingConnection below;
        try (Socket plain = loopback.connectPlain()) {
            below = new CountingConnection(loopback.acceptPlain());
            Tls tls = Certificates.ec("localhost").tls(folder);
            Future<Connection> server = loopback.run(() -> tls.over(below));
            loopback.over(plain, Certificates.clientContext(), "TLSv1.3").startHandshake();
            Loopback.get(server);
        }
        assertTrue(below.writes <= 2, "flight and session ticket: " + below.writes);
    }

    private static final class CountingConnection extends org.socketserver.api.spi.FilterConnection {
        private int writes;

        CountingConnection(Connection below) {
            super(below);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            writes++;
            return super.write(source);
        }
    }
}
