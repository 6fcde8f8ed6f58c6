package org.socketserver.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New files for new handshakes, and what is logged about files. */
class TlsReloadTest {
    private static final Duration SOON = Duration.ofMillis(1);

    @TempDir
    private Path folder = Path.of("");

    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger("org.socketserver");
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord event) {
            logged.add(event.getLevel() + " " + event.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private Loopback loopback;

    @BeforeEach
    void open() throws IOException {
        loopback = new Loopback();
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void close() throws IOException {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
        loopback.close();
    }

    private String served(Tls tls) throws Exception {
        // So that the period has passed.
        Thread.sleep(2);
        X509Certificate certificate =
                (X509Certificate) loopback.connect(tls).client().getSession().getPeerCertificates()[0];
        return certificate.getSubjectX500Principal().getName();
    }

    @Test
    void newHandshakesUseNewFilesAndRunningConnectionsGoOn() throws Exception {
        Tls tls = Certificates.ec("old").tls(folder).reloadEvery(SOON);
        Loopback.Pair running = loopback.connect(tls);
        assertEquals("CN=old", served(tls));
        Certificates.rsa("new").write(folder, "server");
        assertEquals("CN=new", served(tls));
        running.writeAtClient("still");
        assertEquals("still", running.readAtServer(5));
        assertEquals(List.of(), logged);
    }

    @Test
    void unchangedFilesKeepTheSessions() throws Exception {
        Tls tls = Certificates.ec("localhost").tls(folder).reloadEvery(SOON);
        SSLContext context = Certificates.clientContext();
        for (int i = 0; i < 2; i++) {
            Loopback.Pair pair = loopback.connect(tls, loopback.connect(context, "TLSv1.2"));
            if (i == 0) {
                assertNull(pair.client().getSession().getValue("first"));
                pair.client().getSession().putValue("first", true);
            } else {
                assertNotNull(pair.client().getSession().getValue("first"));
            }
            Thread.sleep(2);
        }
    }

    @Test
    void withoutAPeriodFilesAreNotReadAgain() throws Exception {
        Tls tls = Certificates.ec("old").tls(folder);
        Tls rarely = tls.reloadEvery(Duration.ofHours(1));
        Certificates.ec("new").write(folder, "server");
        assertEquals("CN=old", served(tls));
        assertEquals("CN=old", served(rarely));
        tls.reload();
        assertEquals("CN=new", served(tls));
    }

    @Test
    void brokenFilesKeepTheOldOnesAndAreLoggedOnce() throws Exception {
        Tls tls = Certificates.ec("old").tls(folder).reloadEvery(SOON);
        Files.writeString(folder.resolve("server.pem"), "broken");
        for (int i = 0; i < 3; i++) {
            assertEquals("CN=old", served(tls));
        }
        assertEquals(1, logged.size(), logged.toString());
        assertTrue(logged.get(0).startsWith("WARNING certificates not reloaded, the old ones stay in use: "), "log");
        // The new certificate is there, but not yet its key.
        Certificates.ec("new").write(folder, "server");
        Files.writeString(folder.resolve("server.key"), Certificates.ec("old").keyPem());
        assertEquals("CN=old", served(tls));
        assertEquals(2, logged.size(), logged.toString());
        assertTrue(logged.get(1).contains("does not match"), logged.toString());
        assertThrows(IOException.class, tls::reload);
        Files.delete(folder.resolve("server.key"));
        assertEquals("CN=old", served(tls));
        assertEquals(3, logged.size(), logged.toString());
        Certificates.ec("new").write(folder, "server");
        assertEquals("CN=new", served(tls));
        assertEquals(3, logged.size(), logged.toString());
    }

    @Test
    void aRuntimeExceptionKeepsTheOldFilesAndIsLoggedOnce() throws Exception {
        Certificates.ec("old").write(folder, "server");
        FileSystem zip = FileSystems.newFileSystem(folder.resolve("files.zip"), Map.of("create", "true"));
        Path certificate = Files.copy(folder.resolve("server.pem"), zip.getPath("server.pem"));
        Path key = Files.copy(folder.resolve("server.key"), zip.getPath("server.key"));
        Tls tls = Tls.of(certificate, key).reloadEvery(SOON);
        zip.close();
        for (int i = 0; i < 3; i++) {
            assertEquals("CN=old", served(tls));
        }
        assertThrows(ClosedFileSystemException.class, tls::reload);
        assertEquals(1, logged.size(), logged.toString());
        assertTrue(logged.get(0).contains("the old ones stay in use: java.nio.file.ClosedFileSystem"), logged.get(0));
    }

    @Test
    void newAuthoritiesAreUsedToo() throws Exception {
        Certificates.stranger().write(folder, "ca");
        Tls tls = Certificates.ec("localhost")
                .tls(folder)
                .clients(Tls.Clients.REQUIRED, folder.resolve("ca.pem"))
                .reloadEvery(SOON);
        SSLContext alice = Insistent.context(Certificates.ec("alice"));
        assertThrows(IOException.class, () -> loopback.connect(tls, loopback.connect(alice, "TLSv1.2")));
        Certificates.authority().write(folder, "ca");
        Thread.sleep(2);
        assertEquals(
                "CN=alice",
                loopback.connect(tls, loopback.connect(alice)).peer().name().orElseThrow());
    }

    @Test
    void aCertificateThatExpiresSoonIsLoggedOnceADay() throws Exception {
        Certificates.of("short", "-keyalg", "EC", "-validity", "10").write(folder, "server");
        AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
        CertificateFiles files = new CertificateFiles(
                List.of(new CertificateFiles.Source(
                        "", folder.resolve("server.pem"), folder.resolve("server.key"), null)),
                null,
                now::get);
        assertEquals(1, logged.size(), logged.toString());
        assertTrue(logged.get(0).startsWith("WARNING certificate expires at 2"), logged.get(0));
        assertTrue(logged.get(0).endsWith(": " + folder.resolve("server.pem")), logged.get(0));
        Tls tls = Tls.of(files);
        served(tls);
        now.updateAndGet(time -> time.plus(Duration.ofHours(23)));
        served(tls);
        assertEquals(1, logged.size(), logged.toString());
        now.updateAndGet(time -> time.plus(Duration.ofHours(2)));
        served(tls);
        served(tls);
        assertEquals(2, logged.size(), logged.toString());
        now.updateAndGet(time -> time.plus(Duration.ofDays(10)));
        served(tls);
        assertTrue(logged.get(2).startsWith("WARNING certificate has expired at "), logged.get(2));
    }

    @Test
    void aFileIsLoggedOnceADayHoweverManyOptionsUseIt() throws Exception {
        Certificates.authority().write(folder, "ca");
        Certificates.of("short", "-keyalg", "EC", "-validity", "10").write(folder, "other");
        Path other = folder.resolve("other.pem");
        Tls tls = Certificates.of("short", "-keyalg", "EC", "-validity", "10")
                .tls(folder)
                .sni("b.example", folder.resolve("server.pem"), folder.resolve("server.key"))
                .clients(Tls.Clients.OPTIONAL, folder.resolve("ca.pem"));
        served(tls);
        assertEquals(1, logged.size(), logged.toString());
        Tls more = tls.sni("c.example", other, folder.resolve("other.key"));
        served(more);
        assertEquals(2, logged.size(), logged.toString());
        assertTrue(logged.get(1).endsWith(": " + other), logged.get(1));
    }

    @Test
    void aNewCertificateThatExpiresSoonIsLoggedAtOnce() throws Exception {
        Tls tls = Certificates.of("short", "-keyalg", "EC", "-validity", "10").tls(folder);
        Certificates.of("shorter", "-keyalg", "EC", "-validity", "9").write(folder, "server");
        tls.reload();
        served(tls);
        assertEquals(2, logged.size(), logged.toString());
    }

    @Test
    void aCertificateThatExpiresLaterIsNotLogged() throws Exception {
        Certificates.of("long", "-keyalg", "EC", "-validity", "16").tls(folder);
        assertEquals(List.of(), logged);
    }
}
