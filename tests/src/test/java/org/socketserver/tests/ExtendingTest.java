package org.socketserver.tests;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The transport and the layer of docs/extending.md work as those of third parties, with exported packages only. */
class ExtendingTest {
    private static final Path PAGE = Snippets.ROOT.resolve("docs/extending.md");
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    @TempDir
    private Path folder = Path.of("");

    /** Compiles the page and returns one of its programs. */
    private ProcessBuilder program(String text, int port) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path page : List.of(Snippets.README, PAGE)) {
            files.addAll(Snippets.write(page, folder, source -> source.replace("8443", "" + port)));
        }
        Snippets.compile(files, folder);
        return Snippets.java(folder, Snippets.programWith(PAGE, text));
    }

    @Test
    void theTransportInMemoryAnswers() throws Exception {
        assertEquals(0, program("= new MemoryServer(", 8443).inheritIO().start().waitFor());
    }

    @Test
    void theLayerLetsOnlyThoseInWhoSendThePassword() throws Exception {
        int port = Ports.free().getPort();
        Process server = program("new Password(", port).start();
        try (Socket client = connect(port);
                Socket stranger = connect(port)) {
            stranger.getOutputStream().write("please, please\n".getBytes(US_ASCII));
            assertEquals(-1, stranger.getInputStream().read());
            client.getOutputStream().write("open sesame\nhello\n".getBytes(US_ASCII));
            client.shutdownOutput();
            assertEquals("HELLO\n", new String(client.getInputStream().readAllBytes(), US_ASCII));
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    private static Socket connect(int port) throws IOException {
        long began = System.nanoTime();
        while (true) {
            try {
                return new Socket("127.0.0.1", port);
            } catch (ConnectException notThereYet) {
                assertTrue(System.nanoTime() - began < PATIENCE_NANOS, notThereYet.toString());
                LockSupport.parkNanos(10_000_000);
            }
        }
    }
}
