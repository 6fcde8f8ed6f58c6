package org.socketserver.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.ServiceLoader;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.spi.PortableType;

/** What the options accept. */
class TlsOptionsTest {
    @TempDir
    private Path folder = Path.of("");

    private Tls tls;
    private Path pem;
    private Path key;

    @BeforeEach
    void create() throws Exception {
        tls = Certificates.ec("localhost").tls(folder);
        pem = folder.resolve("server.pem");
        key = folder.resolve("server.key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ä\u0100"})
    void anApplicationProtocolHas1To255BytesInLatin1(String name) {
        IllegalArgumentException wrong = assertThrows(IllegalArgumentException.class, () -> tls.alpn("chat", name));
        assertTrue(wrong.getMessage().contains("1 to 255 bytes"), wrong.getMessage());
        assertThrows(IllegalArgumentException.class, () -> tls.alpn("x".repeat(256)));
        tls.alpn("x".repeat(255), "\u00e4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*", "*.", "a b", "*.*.example", "x.*"})
    void aServerNameIsAHostOrAWildcard(String name) {
        IllegalArgumentException wrong = assertThrows(IllegalArgumentException.class, () -> tls.sni(name, pem, key));
        assertTrue(wrong.getMessage().contains("\"" + name + "\""), wrong.getMessage());
    }

    @Test
    void aReloadPeriodIsZeroOrAtLeast1Ms() {
        for (Duration wrong : new Duration[] {Duration.ofNanos(999_999), Duration.ofSeconds(-1)}) {
            assertThrows(IllegalArgumentException.class, () -> tls.reloadEvery(wrong));
        }
        tls.reloadEvery(Duration.ZERO)
                .reloadEvery(Duration.ofMillis(1))
                .reloadEvery(Duration.ofSeconds(Long.MAX_VALUE));
    }

    @Test
    void clientCertificatesNeedAuthorities() throws Exception {
        assertThrows(IllegalStateException.class, () -> tls.clients(Tls.Clients.REQUIRED));
        tls.clients(Tls.Clients.NONE).clients(Tls.Clients.NONE, pem).clients(Tls.Clients.OPTIONAL);
    }

    @Test
    void aContextHasNoFiles() throws Exception {
        Tls own = Tls.of(Certificates.ec("localhost").context());
        assertThrows(IllegalStateException.class, () -> own.sni("a.example", pem, key));
        assertThrows(IllegalStateException.class, () -> own.clients(Tls.Clients.REQUIRED, pem));
        assertThrows(IllegalStateException.class, () -> own.reloadEvery(Duration.ofMinutes(1)));
        assertThrows(IllegalStateException.class, own::reload);
    }

    @Test
    void aContextNeedsTls12Or13() throws Exception {
        SSLContext old = new OldContext(Certificates.ec("localhost").context());
        IllegalArgumentException wrong = assertThrows(IllegalArgumentException.class, () -> Tls.of(old));
        assertTrue(wrong.getMessage().contains("[TLSv1.1]"), wrong.getMessage());
    }

    /** Only to have other default parameters. */
    private static final class OldContext extends SSLContext {
        OldContext(SSLContext context) {
            super(new OldSpi(), context.getProvider(), "TLS");
        }
    }

    private static final class OldSpi extends javax.net.ssl.SSLContextSpi {
        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return new SSLParameters(new String[] {"x"}, new String[] {"TLSv1.1"});
        }

        @Override
        protected void engineInit(
                javax.net.ssl.KeyManager[] keys,
                javax.net.ssl.TrustManager[] trust,
                java.security.SecureRandom random) {}

        @Override
        protected javax.net.ssl.SSLSocketFactory engineGetSocketFactory() {
            throw new AssertionError();
        }

        @Override
        protected javax.net.ssl.SSLServerSocketFactory engineGetServerSocketFactory() {
            throw new AssertionError();
        }

        @Override
        protected javax.net.ssl.SSLEngine engineCreateSSLEngine() {
            throw new AssertionError();
        }

        @Override
        protected javax.net.ssl.SSLEngine engineCreateSSLEngine(String host, int port) {
            throw new AssertionError();
        }

        @Override
        protected javax.net.ssl.SSLSessionContext engineGetServerSessionContext() {
            throw new AssertionError();
        }

        @Override
        protected javax.net.ssl.SSLSessionContext engineGetClientSessionContext() {
            throw new AssertionError();
        }
    }

    @Test
    void optionsDoNotChangeTheLayer() throws Exception {
        assertNotSame(tls, tls.alpn("chat/1"));
        try (Loopback loopback = new Loopback()) {
            tls.alpn("chat/1");
            assertEquals(Optional.empty(), loopback.connect(tls).peer().alpn());
        }
    }

    @Test
    @SuppressWarnings("rawtypes")
    void thePeerReachesOtherProcesses() {
        assertTrue(ServiceLoader.load(PortableType.class).stream()
                .anyMatch(provider -> provider.type() == TlsPeerType.class));
    }
}
