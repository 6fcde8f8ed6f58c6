package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/** An override of processRequest without the mix-in reports and closes its requests like the mix-in. */
class ProcessRequestOverrideTest {
    private final RecordingListener events = new RecordingListener();
    private final CompletableFuture<String> error = new CompletableFuture<>();
    private int errors;

    /** The implementation of the override. */
    private interface Processing {
        void process(Server server, StreamRequest request) throws Exception;
    }

    private final class Server extends TcpServer {
        private final Processing processing;

        Server(RequestHandler<StreamRequest> handler, Processing processing) {
            super(Transport.LOOPBACK, HandlerSource.ofFunction(handler), ServerOptions.DEFAULTS);
            this.processing = processing;
            listener(events);
        }

        @Override
        protected void processRequest(StreamRequest request) throws Exception {
            processing.process(this, request);
        }

        @Override
        protected void handleError(StreamRequest request, Throwable failure) {
            errors++;
            try {
                // The request is open, so that the client can be told.
                request.output().write('!');
                error.complete(failure.getMessage());
            } catch (IOException closed) {
                error.completeExceptionally(closed);
            }
        }

        void finish(StreamRequest request) throws Exception {
            finishRequest(request);
        }

        void shutdown(StreamRequest request) {
            shutdownRequest(request);
        }
    }

    private static void fail(Request request) {
        throw new IllegalStateException("on purpose");
    }

    /** Returns the end of the first of two requests. */
    private RequestEnd endOfOne(RequestHandler<StreamRequest> handler, String answer, Processing processing)
            throws Exception {
        try (Server server = new Server(handler, processing)) {
            server.start();
            for (int i = 0; i < 2; i++) {
                try (StreamClient client = (StreamClient) Transport.TCP.client(server.address())) {
                    assertEquals(answer, client.receive());
                }
            }
            List<RequestEnd> ends = events.awaitEnds(2);
            assertEquals(2, ends.size());
            return ends.get(0);
        }
    }

    @Test
    void aFailedRequestIsReportedAsFailedWhileItIsStillOpen() throws Exception {
        RequestEnd end = endOfOne(ProcessRequestOverrideTest::fail, "!", (server, request) -> {
            try {
                server.finish(request);
            } finally {
                server.shutdown(request);
            }
        });
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertEquals("on purpose", error.get());
        assertEquals(2, errors, "once for each request");
    }

    @Test
    void aRequestThatIsNotShutDownIsClosedByTheServer() throws Exception {
        RequestEnd end = endOfOne(request -> request.output().write('a'), "a", Server::finish);
        assertSame(RequestOutcome.DONE, end.outcome());
        assertEquals(0, errors);
    }

    @Test
    void anExceptionThatTheOverrideCatchesIsReported() throws Exception {
        RequestEnd end = endOfOne(ProcessRequestOverrideTest::fail, "!", (server, request) -> {
            try {
                server.finish(request);
            } catch (IllegalStateException expected) {
                server.shutdown(request);
            }
        });
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertEquals(2, errors);
    }

    @Test
    void anOverrideMayHandleTheRequestOnItsOwnThread() throws Exception {
        RequestEnd end = endOfOne(
                ProcessRequestOverrideTest::fail,
                "!",
                (server, request) -> new Thread(() -> {
                            try {
                                server.finish(request);
                            } catch (Exception reported) {
                                assertEquals("on purpose", reported.getMessage());
                            } finally {
                                server.shutdown(request);
                            }
                        })
                        .start());
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertEquals("on purpose", error.get());
    }

    @Test
    void aRequestThatHandleErrorShutsDownIsCountedBeforeItsEndIsReported() throws Exception {
        CompletableFuture<Long> countedAtTheEnd = new CompletableFuture<>();
        try (var server = new TcpServer(Transport.LOOPBACK, request -> {}) {
            @Override
            protected void processRequest(StreamRequest request) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            protected void handleError(StreamRequest request, Throwable failure) {
                shutdownRequest(request);
            }
        }) {
            server.listener(new RequestListener() {
                @Override
                public void requestStopped(Request request, RequestEnd end) {
                    countedAtTheEnd.complete(server.stats().ended(RequestOutcome.FAILED));
                }
            });
            server.start();
            try (StreamClient client = (StreamClient) Transport.TCP.client(server.address())) {
                assertTrue(client.isAtEnd());
            }
            assertEquals(1, countedAtTheEnd.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void aRequestIsDoneIfAnOverrideOfFinishRequestRecovers() throws Exception {
        try (var server =
                new TcpServer(
                        Transport.LOOPBACK,
                        HandlerSource.ofFunction(ProcessRequestOverrideTest::fail),
                        ServerOptions.DEFAULTS) {
                    @Override
                    protected void finishRequest(StreamRequest request) throws Exception {
                        try {
                            super.finishRequest(request);
                        } catch (IllegalStateException expected) {
                            request.output().write('r');
                        }
                    }
                }) {
            server.listener(events);
            server.mixIn(new ThreadingMixIn());
            server.start();
            try (StreamClient client = (StreamClient) Transport.TCP.client(server.address())) {
                assertEquals("r", client.receive());
            }
            assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
            assertTrue(error.getNow(null) == null);
        }
    }
}
