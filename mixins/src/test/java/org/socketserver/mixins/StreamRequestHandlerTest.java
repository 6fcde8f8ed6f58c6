package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.tcp.TcpServer;

class StreamRequestHandlerTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final CompletableFuture<Throwable> error = new CompletableFuture<>();

    private TcpServer serve(Supplier<StreamRequestHandler> handler) throws IOException {
        TcpServer server = new TcpServer(ANY_PORT, handler::get, ServerOptions.DEFAULTS) {
            @Override
            protected void handleError(StreamRequest request, Throwable failure) {
                error.complete(failure);
            }
        };
        server.start();
        return server;
    }

    private static String talk(TcpServer server, String text, Charset charset) throws IOException {
        try (Socket socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.getOutputStream().write(text.getBytes(charset));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), charset);
        }
    }

    static class Shout extends StreamRequestHandler {
        @Override
        public void handle() throws IOException {
            for (String line = readLine(); line != null; line = readLine()) {
                writeLine(line.toUpperCase(Locale.ROOT));
            }
        }
    }

    @Test
    void linesAreReadAndWritten() throws IOException {
        try (TcpServer server = serve(Shout::new)) {
            assertEquals("ONE\nTWO\nGR\u00dcN\n", talk(server, "one\r\ntwo\ngr\u00fcn", StandardCharsets.UTF_8));
        }
    }

    @Test
    void aLineBeyondTheLimitEndsTheConnection() throws Exception {
        try (TcpServer server = serve(() -> new Shout() {
            @Override
            protected int maxLineLength() {
                return 5;
            }
        })) {
            assertEquals("SHORT\n", talk(server, "short\ntoo long\n", StandardCharsets.UTF_8));
            assertEquals(
                    "a line is longer than 5 bytes",
                    assertInstanceOf(LineTooLongException.class, error.get()).getMessage());
        }
    }

    @Test
    void theHandlerChoosesTheCharset() throws IOException {
        try (TcpServer server = serve(() -> new Shout() {
            @Override
            protected Charset charset() {
                return StandardCharsets.ISO_8859_1;
            }
        })) {
            assertEquals("\u00c4\n", talk(server, "\u00e4\n", StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void aSilentClientIsTimedOutAndCanBeAnswered() throws Exception {
        try (TcpServer server = serve(() -> new StreamRequestHandler() {
            @Override
            protected Duration readTimeout() {
                return Duration.ofMillis(50);
            }

            @Override
            public void handle() throws IOException {
                try {
                    readLine();
                } catch (DeadlineException late) {
                    write("too late");
                    throw late;
                }
            }
        })) {
            try (Socket socket =
                    new Socket(server.address().getAddress(), server.address().getPort())) {
                assertEquals("too late", new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            }
            assertSame(
                    Deadline.READ,
                    assertInstanceOf(DeadlineException.class, error.get()).deadline());
        }
    }

    @Test
    void bufferedOutputIsSentEvenIfHandleThrows() throws Exception {
        try (TcpServer server = serve(() -> new StreamRequestHandler() {
            @Override
            protected int outputBufferSize() {
                return 1024;
            }

            @Override
            protected boolean noDelay() {
                return false;
            }

            @Override
            public void handle() throws IOException {
                assertEquals(1, input().read(new byte[1]));
                write(new byte[] {'a'});
                output().write('b');
                assertEquals(0, request().bytesOut());
                assertSame(output(), output());
                assertSame(input(), input());
                throw new IllegalStateException("after writing");
            }
        })) {
            assertEquals("ab", talk(server, "x", StandardCharsets.UTF_8));
            assertEquals("after writing", error.get().getMessage());
        }
    }

    @Test
    void anInvalidBufferSizeIsReported() throws Exception {
        try (TcpServer server = serve(() -> new Shout() {
            @Override
            protected int inputBufferSize() {
                return 0;
            }
        })) {
            assertEquals("", talk(server, "x", StandardCharsets.UTF_8));
            assertEquals(
                    "inputBufferSize is 0 bytes; it must be 1 byte or more",
                    error.get().getMessage());
        }
    }

    @Test
    void setupCanBeOverriddenWithoutCallingSuper() throws Exception {
        CompletableFuture<Duration> seen = new CompletableFuture<>();
        try (TcpServer server = serve(() -> new Shout() {
            @Override
            protected Duration readTimeout() {
                return Duration.ofSeconds(7);
            }

            @Override
            protected void setup() {
                seen.complete(request().deadline(Deadline.READ));
            }
        })) {
            talk(server, "x", StandardCharsets.UTF_8);
            assertEquals(Duration.ofSeconds(7), seen.get());
            assertTrue(server.liveRequests().size() <= 1);
        }
    }
}
