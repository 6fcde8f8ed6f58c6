package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Limits;
import org.socketserver.api.PeerRule;
import org.socketserver.api.Rejection;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerState;
import org.socketserver.api.StreamRequest;

/** An exception during admission ends only its request, not the accept loop. */
class AdmissionFailureTest {
    @RegisterExtension
    final QuietLog log = new QuietLog();

    private final AtomicInteger handled = new AtomicInteger();

    private MemoryServer server(Limits limits, Object clientKey) {
        return new MemoryServer(
                HandlerSource.ofFunction(request -> {
                    handled.incrementAndGet();
                    request.output().write(request.input().read());
                }),
                ServerOptions.DEFAULTS.limits(limits)) {
            @Override
            protected Object clientKey(StreamRequest request) {
                if (clientKey instanceof Error failure) {
                    throw failure;
                }
                return clientKey;
            }
        };
    }

    private static PeerRule throwingOnce(Throwable failure) {
        AtomicInteger asked = new AtomicInteger();
        return request -> {
            if (asked.getAndIncrement() == 0) {
                throw AdmissionFailureTest.<RuntimeException>unchecked(failure);
            }
            return true;
        };
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> X unchecked(Throwable failure) throws X {
        throw (X) failure;
    }

    static List<Throwable> failures() {
        return List.of(new IllegalStateException("on purpose"), new StackOverflowError("on purpose"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aRuleThatThrowsRejectsItsRequestAndIsLogged(Throwable failure) throws Exception {
        try (MemoryServer server = server(Limits.NONE.allow(throwingOnce(failure)), "all")) {
            server.start();
            assertEquals("", server.connect(new MemoryConnection().sends("1")).receives(1));
            assertEquals("2", server.connect(new MemoryConnection().sends("2")).receives(1));
            server.shutdown(ServerOptions.DEFAULTS.grace());
            assertEquals(1, server.stats().rejected(Rejection.DENIED));
            assertEquals(1, handled.get());
            assertTrue(log.messages().get(0).startsWith("a rule or clientKey threw; memory memory:1 < client:2"));
        }
    }

    @Test
    void aClientKeyThatThrowsRejectsItsRequest() throws Exception {
        try (MemoryServer server = server(Limits.NONE.perClient(1), new LinkageError("on purpose"))) {
            server.start();
            assertEquals("", server.connect(new MemoryConnection().sends("1")).receives(1));
            server.shutdown(ServerOptions.DEFAULTS.grace());
            assertEquals(1, server.stats().rejected(Rejection.DENIED));
            assertEquals(1, log.messages().size());
        }
    }

    @Test
    void aRequestWhoseAddressThrowsIsClosed() throws Exception {
        try (MemoryServer server = server(Limits.NONE.deny(request -> request.clientAddress() == null), "all")) {
            server.start();
            MemoryConnection nameless = new MemoryConnection() {
                @Override
                public SocketAddress remoteAddress() {
                    throw new IllegalStateException("no address");
                }
            };
            assertEquals("", server.connect(nameless.sends("1")).receives(1));
            assertEquals("2", server.connect(new MemoryConnection().sends("2")).receives(1));
            server.shutdown(ServerOptions.DEFAULTS.grace());
            assertSame(ServerState.BOUND, server.state());
            assertEquals(2, server.stats().accepted());
            assertEquals(0, server.stats().active());
            assertEquals(1, server.stats().ended(RequestOutcome.FAILED));
        }
    }
}
