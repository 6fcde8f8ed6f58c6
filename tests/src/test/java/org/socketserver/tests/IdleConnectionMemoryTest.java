package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/** What a connection has sent is not held by it: neither while it is idle nor while its thread ends. */
class IdleConnectionMemoryTest {
    private static final int LARGE = 100_000;

    private static final class LargeAnswer extends StreamRequestHandler {
        private final CompletableFuture<WeakReference<byte[]>> answered;

        LargeAnswer(CompletableFuture<WeakReference<byte[]>> answered) {
            this.answered = answered;
        }

        @Override
        public void handle() throws IOException {
            answered.complete(answer());
            readLine();
        }

        private WeakReference<byte[]> answer() throws IOException {
            byte[] bytes = new byte[LARGE];
            write(bytes);
            return new WeakReference<>(bytes);
        }
    }

    @Test
    void anIdleConnectionDoesNotHoldItsLastAnswer() throws Exception {
        var answered = new CompletableFuture<WeakReference<byte[]>>();
        try (var server = new TcpServer("127.0.0.1:0", () -> new LargeAnswer(answered))) {
            server.mixIn(new ThreadingMixIn());
            server.start();
            int port = server.address().getPort();
            try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertEquals(LARGE, client.getInputStream().readNBytes(LARGE).length);
                WeakReference<byte[]> bytes = answered.get(20, TimeUnit.SECONDS);
                for (int i = 0; i < 100 && bytes.get() != null; i++) {
                    System.gc();
                    Thread.sleep(20);
                }
                assertTrue(bytes.get() == null, "the connection holds its last answer");
            }
        }
    }
}
