package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.ServerState;
import org.socketserver.api.ShutdownReport;

/** A stop is of the run that was under way when it began, and leaves the requests of a later one alone. */
@EachThreadedSetup
class StopOfEarlierRunTest extends StopTest {
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch insideNext = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    private BaseServer<?> server(CountDownLatch never) throws Exception {
        return started(request -> {
            String line = Handlers.line(request);
            if ("old".equals(line)) {
                inside.countDown();
                never.await();
            } else {
                insideNext.countDown();
                goOn.await();
            }
            Handlers.answer(request, "got " + line);
        });
    }

    private static void awaitEndOfRun(BaseServer<?> server) {
        while (server.state() != ServerState.BOUND) {
            Thread.onSpinWait();
        }
    }

    @Test
    void itNeitherWaitsForThemNorCutsThem() throws Exception {
        BaseServer<?> server = server(new CountDownLatch(1));
        client(server).send("old");
        await(inside);
        BlockingQueue<ShutdownReport> reports = stopping(server, Duration.ofMillis(300));
        awaitEndOfRun(server);
        server.start();
        Client next = client(server);
        next.send("new");
        await(insideNext);
        ShutdownReport report = take(reports);
        assertEquals(1, report.forced().size(), report.toString());
        assertEquals(1, all(report), report.toString());
        goOn.countDown();
        assertEquals("got new", next.receive());
    }

    @Test
    void itDoesNotEndTheirInput() throws Exception {
        if (!setup.isStream()) {
            return;
        }
        CountDownLatch oldEnds = new CountDownLatch(1);
        BaseServer<?> server = server(oldEnds);
        client(server).send("old");
        await(inside);
        BlockingQueue<ShutdownReport> reports = stopping(server, LONG);
        awaitEndOfRun(server);
        server.start();
        StreamClient idle = connect(server);
        hooks.await("finishRequest", 2);
        // The stop looks at its requests every 10 ms.
        Thread.sleep(60);
        goOn.countDown();
        assertEquals("got late", idle.ask("late"));
        oldEnds.countDown();
        assertTrue(take(reports).isClean());
    }
}
