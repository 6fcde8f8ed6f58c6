package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerState;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** Clients that have connected before {@code close(grace)} are served, although they were not accepted yet. */
@EachStreamWay
class QueueAtCloseTest extends StopTest {
    private final List<StreamClient> waiting = new ArrayList<>();

    /** Not more than there is capacity for. */
    private int count() {
        return setup.isForking() ? 3 : 11;
    }

    /** Connects clients that send a request, while the server is bound but accepts nothing. */
    private BaseServer<?> serverWithQueue() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        assertEquals("BEFORE", connect(server).ask("before"));
        server.shutdown(LONG);
        connectAll(server);
        assertEquals(1, server.stats().accepted());
        return server;
    }

    private void connectAll(BaseServer<?> server) throws IOException {
        for (int i = 0; i < count(); i++) {
            StreamClient client = connect(server);
            client.send("client " + i);
            waiting.add(client);
        }
    }

    private void assertAllServed() throws IOException {
        for (int i = 0; i < count(); i++) {
            assertEquals("CLIENT " + i, waiting.get(i).receive());
            assertTrue(waiting.get(i).isAtEnd());
        }
    }

    @Test
    void closeServesThemAfterTheLoopHasEnded() throws Exception {
        BaseServer<?> server = serverWithQueue();
        ShutdownReport report = server.close(LONG);
        assertTrue(report.isClean(), report.toString());
        assertEquals(count(), report.drained());
        assertAllServed();
    }

    @Test
    void aLoopThatIsRunningServesThem() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        BlockingQueue<Boolean> inLoop = box();
        hooks.before("serviceActions", () -> {
            inLoop.add(true);
            await(goOn);
        });
        BaseServer<?> server = started(Handlers.Upper.class);
        take(inLoop);
        connectAll(server);
        BlockingQueue<ShutdownReport> reports = box();
        inBackground(() -> reports.add(server.close(LONG)));
        while (!server.isStopping()) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        ShutdownReport report = take(reports);
        assertEquals(count(), report.drained());
        assertAllServed();
    }

    @Test
    void beyondTheCapacityTheyAreReset() throws Exception {
        assumeTrue(setup.isConcurrent(), "without a mix-in there is always capacity at the end");
        Gate goOn = gate();
        BaseServer<?> server = started(
                ObedientHandler.Once.class, options(), setup.concurrency().bounded(1));
        waiting(server, goOn);
        StreamClient second = connect(server);
        second.send("upper second");
        BlockingQueue<ShutdownReport> reports = box();
        inBackground(() -> reports.add(server.close(LONG)));
        while (!server.isStopping()) {
            Thread.onSpinWait();
        }
        // Until the loop has ended, a free slot would be used for the second client.
        while (server.state() != ServerState.CLOSED || isLoopRunning(server)) {
            Thread.sleep(1);
        }
        goOn.open();
        assertEquals(1, take(reports).drained());
        assertFalse(isServed(second));
    }

    private static boolean isLoopRunning(BaseServer<?> server) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals(server.name() + " accept"));
    }

    @Test
    void endlessConnectsDoNotDelayTheClose() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class, options().backlog(64));
        PassingClients clients = closeLater(new PassingClients());
        List<FutureTask<Void>> flood = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        for (int i = 0; i < 4; i++) {
            flood.add(inBackground(() -> {
                while (!over.get()) {
                    try {
                        clients.talk(setup.transport().client(server.address()), client -> client.ask("hello"));
                    } catch (IOException notServed) {
                        // After the end of the server.
                        over.set(true);
                    }
                }
            }));
        }
        events.awaitEnds(20);
        BlockingQueue<ShutdownReport> reports = box();
        inBackground(() -> reports.add(server.close(LONG)));
        assertTrue(take(reports).isClean());
        over.set(true);
        clients.close();
        for (FutureTask<Void> one : flood) {
            await(one);
        }
        assertEquals(server.stats().accepted(), server.stats().ended(RequestOutcome.DONE));
    }

    @Test
    void aServerThatHandlesSingleRequestsServesThem() throws Exception {
        BaseServer<?> server = server(Handlers.Upper.class);
        server.bind();
        StreamClient first = connect(server);
        first.send("first");
        first.halfClose();
        assertTrue(server.handleRequest());
        assertEquals("FIRST", first.receive());
        connectAll(server);
        ShutdownReport report = server.close(LONG);
        assertTrue(report.isClean(), report.toString());
        assertAllServed();
    }

    @Test
    void aQueueThatOtherServersShareIsLeftToThem() throws Exception {
        assumeTrue(setup.transport() == Transport.TCP, "only ports can be shared");
        BaseServer<?> server = started(Handlers.Upper.class, options().reusePort(true));
        assertEquals("BEFORE", connect(server).ask("before"));
        server.shutdown(LONG);
        StreamClient client = connect(server);
        client.send("client");
        assertEquals(0, all(server.close(LONG)));
        assertFalse(isServed(client));
    }

    @Test
    void withoutAGraceTheyAreReset() throws Exception {
        BaseServer<?> server = serverWithQueue();
        assertEquals(0, all(server.close(Duration.ZERO)));
        assertFalse(isServed(waiting.get(0)));
    }

    @Test
    void aSuspendedServerLeavesThem() throws Exception {
        BaseServer<?> server = serverWithQueue();
        server.suspend();
        assertEquals(0, all(server.close(LONG)));
        assertFalse(isServed(waiting.get(0)));
    }

    private static boolean isServed(StreamClient client) {
        try {
            return client.receive() != null;
        } catch (IOException reset) {
            return false;
        }
    }

    @Test
    void aShutdownLeavesThemToTheNextRun() throws Exception {
        BaseServer<?> server = serverWithQueue();
        server.start();
        for (int i = 0; i < count(); i++) {
            assertEquals("CLIENT " + i, waiting.get(i).receive());
            waiting.get(i).close();
        }
    }
}
