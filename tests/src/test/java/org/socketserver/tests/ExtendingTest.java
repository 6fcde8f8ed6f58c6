package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The transports of docs/extending.md work with exported packages only, as third-party transports must. */
class ExtendingTest {
    private static final Path PAGE = Snippets.ROOT.resolve("docs/extending.md");
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    @TempDir
    private Path folder = Path.of("");

    /** Compiles the page and returns one of its programs. */
    private ProcessBuilder program(String text, int port) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path page : List.of(Snippets.README, PAGE)) {
            files.addAll(Snippets.write(
                    page, folder, source -> source.replace("8443", "" + port).replace("/tmp/", folder + "/")));
        }
        Snippets.compile(files, folder);
        return Snippets.java(folder, Snippets.programWith(PAGE, text));
    }

    @Test
    void theTransportInMemoryAnswers() throws Exception {
        assertEquals(0, program("new MemoryServer(", 8443).inheritIO().start().waitFor());
    }

    @Test
    void theTransportOverTlsAnswersAndEndsCleanly() throws Exception {
        Path keys = folder.resolve("server.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String arguments = "-genkeypair -keyalg EC -dname CN=localhost -storetype PKCS12 -storepass changeit -keystore";
        List<String> command = new ArrayList<>(List.of(keytool));
        command.addAll(List.of(arguments.split(" ")));
        command.add(keys.toString());
        assertEquals(0, new ProcessBuilder(command).start().waitFor());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(KeyStore.getInstance(keys.toFile(), PASSWORD));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        int port = Ports.free().getPort();
        Process server = program("new TlsServer(", port).start();
        try (Socket client = connect(context, port)) {
            // Small enough for the buffers of an echo that is not being read yet.
            byte[] sent = new byte[20_000];
            new Random(1).nextBytes(sent);
            client.getOutputStream().write(sent);
            client.shutdownOutput();
            assertArrayEquals(sent, client.getInputStream().readAllBytes());
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    private static Socket connect(SSLContext context, int port) throws IOException {
        long began = System.nanoTime();
        while (true) {
            try {
                return context.getSocketFactory().createSocket("127.0.0.1", port);
            } catch (ConnectException notThereYet) {
                assertTrue(System.nanoTime() - began < PATIENCE_NANOS, notThereYet.toString());
                LockSupport.parkNanos(10_000_000);
            }
        }
    }
}
