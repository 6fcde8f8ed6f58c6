package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.WorkerState;
import org.socketserver.api.WorkerState.Phase;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.HandOver;
import org.socketserver.tcp.TcpServer;

/** Closing a server leaves nothing of its workers behind, at any time. */
@Timeout(180)
class WorkerCloseTest {
    private static final int CONNECTIONS = 1_000;

    private final Set<Long> before = ForkedServer.children();

    @Test
    void aCloseWhileWorkersStartLeavesNoWorker() throws Exception {
        Race.rounds(10, 2_000, random -> aCloseWhileWorkersStart());
    }

    private void aCloseWhileWorkersStart() throws Exception {
        try (CapturedLog log = CapturedLog.begin()) {
            for (HandOver handOver : List.of(HandOver.DESCRIPTOR, HandOver.RELAY)) {
                try (TcpServer server = new TcpServer(Transport.LOOPBACK, Saboteur.class)) {
                    server.mixIn(new ForkingMixIn().handOver(handOver).minIdle(4));
                    server.bind();
                }
                assertEquals(before, ForkedServer.children());
            }
            assertEquals(List.of(), log.messages(Level.WARNING), "an aborted start is not logged as a failure");
        }
    }

    @Test
    void aHookThatClosesItsServerDoesNotWaitForItself() throws Exception {
        BlockingQueue<Long> took = new LinkedBlockingQueue<>();
        try (TcpServer server = new TcpServer(Transport.LOOPBACK, Saboteur.class) {
            @Override
            protected void handleError(StreamRequest request, Throwable failure) {
                long began = System.nanoTime();
                close(Duration.ZERO);
                took.add(ServingTest.millisSince(began));
            }
        }) {
            server.mixIn(new ForkingMixIn().minIdle(1));
            server.start();
            try (Peer peer = new Peer(server.address())) {
                peer.send("throw\n");
                // A close waits ten seconds for a worker that does not exit.
                assertTrue(took.take() < 8_000);
            }
        }
        ForkedServer.await(() -> before.equals(ForkedServer.children()), ForkedServer.children()::toString);
    }

    @ParameterizedTest
    @EnumSource(
            value = ForkingSetup.class,
            names = {"TCP_DESCRIPTOR", "UNIX_RELAY"})
    void aSecondCloseWaitsForTheFirstAndChangesNothing(ForkingSetup setup) throws Exception {
        ForkedServer server = setup.server(Saboteur.class, workers -> workers).start();
        assertEquals("served", server.ask("served"));
        FutureTask<Void> other = ServingTest.inBackground(server::close);
        server.close();
        assertEquals(before, ForkedServer.children());
        other.get(60, TimeUnit.SECONDS);
        server.close();
        assertEquals(before, ForkedServer.children());
    }

    @ParameterizedTest
    @MethodSource("org.socketserver.tests.ForkingSetup#eachStream")
    void aCloseWhileRequestsWaitForAWorkerEndsThemAll(ForkingSetup setup) throws Exception {
        List<StreamClient> clients = new ArrayList<>();
        try (ForkedServer server = setup.server(
                        Saboteur.class, workers -> workers.minIdle(0).maxChildren(4))
                .start()) {
            for (int i = 0; i < 4; i++) {
                StreamClient client = server.connect();
                client.send("client " + i);
                clients.add(client);
            }
            ForkedServer.await(() -> server.events().started().size() == clients.size(), server::toString);
            server.server().close(Duration.ZERO);
            for (StreamClient client : clients) {
                assertEnds(client);
            }
            assertEquals(
                    Set.copyOf(server.events().started()),
                    Set.copyOf(server.events().stopped()));
            assertEquals(clients.size(), server.events().stopped().size());
        }
        assertEquals(before, ForkedServer.children());
    }

    /**
     * While the server reports the end, the worker has nothing left to do, and its peer may not have read the answer
     * yet.
     */
    @Test
    void aCloseRightAfterARequestStillDeliversTheAnswer() throws Exception {
        CountDownLatch reporting = new CountDownLatch(1);
        CompletableFuture<Void> continueReport = new CompletableFuture<>();
        Gate sent = new Gate();
        // More than the peer's system receives before the peer reads, but less than that plus the worker's send buffer
        // (tcp_wmem).
        byte[] answer = ObedientTalk.bytes(400_000);
        try (ForkedServer server = ForkingSetup.TCP_DESCRIPTOR.server(
                ObedientHandler.Once.class, workers -> workers.minIdle(0).maxChildren(1))) {
            server.server().listener(new RequestListener() {
                @Override
                public void requestStopped(Request request, RequestEnd end) {
                    reporting.countDown();
                    continueReport.join();
                }
            });
            server.start();
            try (StreamClient client = server.connect()) {
                client.send("wait " + sent + ";bytes " + answer.length);
                sent.awaitWaiting(1);
                // Never read by the handler: only a connection with unread bytes lingers.
                client.write(new byte[50_000]);
                sent.open();
                assertEquals("went on", client.receive());
                ServingTest.await(reporting);
                WorkerState worker = server.workers().workers().get(0);
                FutureTask<Void> closing =
                        ServingTest.inBackground(() -> server.server().close(Duration.ZERO));
                ForkedServer.await(
                        () -> server.pids(Phase.ENDING).contains(worker.pid())
                                || !ForkedServer.children().contains(worker.pid()),
                        server::toString);
                // Bytes for a closed socket are answered with a reset (RFC 1122, 4.2.2.13), which would destroy the
                // rest.
                client.write(new byte[1_000]);
                assertArrayEquals(answer, client.readAll());
                continueReport.complete(null);
                closing.get(60, TimeUnit.SECONDS);
            } finally {
                continueReport.complete(null);
                sent.open();
            }
        }
        assertEquals(before, ForkedServer.children());
    }

    private static void assertEnds(StreamClient client) throws IOException {
        try (client) {
            client.readAll();
        } catch (IOException reset) {
            // Counts as closed.
        }
    }

    @ParameterizedTest
    @MethodSource("org.socketserver.tests.ForkingSetup#eachStream")
    void aThousandShortConnectionsLeaveNoDescriptor(ForkingSetup setup) throws Exception {
        int atFirst;
        try (ForkedServer server = setup.server(
                        Saboteur.class, workers -> workers.minIdle(2).maxChildren(2))
                .start()) {
            assertEquals("warm", server.ask("warm"));
            assertEquals("warmer", server.ask("warmer"));
            server.awaitIdle(2);
            atFirst = Footprint.countDescriptors();
            for (int i = 0; i < CONNECTIONS; i++) {
                assertEquals("short " + i, server.ask("short " + i));
            }
            server.awaitIdle(2);
            ForkedServer.await(
                    () -> Footprint.countDescriptors() <= atFirst,
                    () -> Footprint.countDescriptors() + " descriptors instead of " + atFirst);
            assertEquals(CONNECTIONS + 2, server.events().stopped().size());
            assertEquals(2, server.workers().workers().size());
        }
        Footprint.awaitNoServer(atFirst);
    }

    @Test
    void aBindToATakenAddressLeavesNoWorkerAfterTheClose() throws Exception {
        try (TcpServer first = new TcpServer(Transport.LOOPBACK, Handlers.ECHO)) {
            first.bind();
            InetSocketAddress taken = first.address();
            try (TcpServer second = new TcpServer(taken, Saboteur.class)) {
                ForkingMixIn workers = new ForkingMixIn();
                second.mixIn(workers);
                assertThrows(BindException.class, second::bind);
                assertTrue(workers.workers().size() > 0);
                assertThrows(BindException.class, second::bind);
                assertTrue(
                        workers.workers().size() <= 2, () -> workers.workers().toString());
            }
            assertEquals(before, ForkedServer.children());
        }
    }
}
