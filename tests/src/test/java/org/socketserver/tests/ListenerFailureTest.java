package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;

/** Exceptions of any listener method do not affect clients, counters or the accept loop. */
@EachWay
class ListenerFailureTest extends ServingTest {
    private final Set<String> called = new ConcurrentSkipListSet<>();
    private final Gate stuck = gate();

    private final class Failing implements RequestListener {
        private void fail(String method) {
            called.add(method);
            throw new AssertionError(method);
        }

        @Override
        public void requestStarted(Request request) {
            fail("requestStarted");
        }

        @Override
        public void requestStopped(Request request, RequestEnd end) {
            fail("requestStopped");
        }

        @Override
        public void requestStuck(LiveRequest request) {
            try {
                fail("requestStuck");
            } finally {
                try {
                    stuck.open();
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            }
        }

        @Override
        public void datagramTruncated(SocketAddress sender, int limit, boolean delivered) {
            fail("datagramTruncated");
        }

        @Override
        public void acceptFailed(IOException failure, Duration pause) {
            fail("acceptFailed");
        }
    }

    @Test
    void aListenerWhoseMethodsThrowChangesNothing() throws Exception {
        hooks.around("getRequest", (proceed, request) -> {
            hooks.restore("getRequest");
            throw new IOException("Connection reset by peer");
        });
        BaseServer<?> server = server(
                ObedientHandler.Once.class,
                options().stuckAfter(Duration.ofMillis(100)).maxDatagramSize(100));
        server.listener(new Failing());
        server.start();
        if (!setup.isStream()) {
            client(server).send("longer than a hundred bytes".repeat(10));
        }
        assertEquals("went on", client(server).ask("wait " + stuck));
        assertEquals("ON", client(server).ask("upper on"));
        server.shutdown(Duration.ofSeconds(20));
        Set<String> expected =
                new TreeSet<>(Set.of("requestStarted", "requestStopped", "requestStuck", "acceptFailed"));
        if (!setup.isStream()) {
            expected.add("datagramTruncated");
        }
        assertEquals(expected, called);
        assertEquals(2, server.stats().accepted());
        assertEquals(0, server.stats().active());
        assertEquals(2, server.stats().ended(RequestOutcome.DONE));
        assertEquals(1, server.stats().acceptFailures());
    }
}
