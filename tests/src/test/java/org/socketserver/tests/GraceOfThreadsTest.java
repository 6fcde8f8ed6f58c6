package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** Stops with several concurrent requests. */
@EachThreadedSetup
class GraceOfThreadsTest extends ServingTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final long SOON_MILLIS = 8_000;

    @Test
    void everyRequestIsInTheReportOnce() throws Exception {
        CountDownLatch inside = new CountDownLatch(6);
        CountDownLatch never = new CountDownLatch(1);
        BaseServer<?> server = started(request -> {
            String line = Handlers.line(request);
            inside.countDown();
            while ("work".equals(line) && !request.server().isStopping()) {
                Thread.sleep(1);
            }
            if ("hang".equals(line)) {
                never.await();
            }
        });
        List<String> hanging = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Client client = client(server);
            client.send(i < 4 ? "work" : "hang");
            if (i >= 4) {
                hanging.add(client.address().toString());
            }
        }
        await(inside);
        ShutdownReport report = server.shutdown(Duration.ofMillis(200));
        assertEquals(
                6, report.drained() + report.forced().size() + report.running().size(), report.toString());
        List<String> forced = report.forced().stream()
                .map(request -> request.clientAddress().toString())
                .collect(Collectors.toList());
        assertTrue(forced.containsAll(hanging), report.toString());
        assertEquals(6, events.stopped().size());
    }

    @Test
    void twoHandlersThatStopTheServerDoNotWaitForEachOther() throws Exception {
        CyclicBarrier both = new CyclicBarrier(2);
        BlockingQueue<Long> took = box();
        BaseServer<?> server = started(request -> {
            Handlers.line(request);
            both.await();
            long began = System.nanoTime();
            ((BaseServer<?>) request.server()).shutdown(LONG);
            took.add(millisSince(began));
        });
        client(server).send("one");
        client(server).send("two");
        assertTrue(take(took) < SOON_MILLIS);
        assertTrue(take(took) < SOON_MILLIS);
        events.awaitEnds(2).forEach(end -> assertTrue(end.failure().isEmpty(), end.toString()));
    }

    @Test
    void aHookThatStopsAndAHandlerThatStopsDoNotWaitForEachOther() throws Exception {
        CyclicBarrier both = new CyclicBarrier(2);
        BlockingQueue<Long> took = box();
        BaseServer<?> server = server(
                request -> {
                    Handlers.line(request);
                    both.await();
                    long began = System.nanoTime();
                    ((BaseServer<?>) request.server()).shutdown(LONG);
                    took.add(millisSince(began));
                },
                options().pollInterval(Duration.ofMillis(5)));
        server.bind();
        client(server).send("go");
        hooks.before("serviceActions", () -> {
            hooks.restore("serviceActions");
            both.await();
            long began = System.nanoTime();
            server.shutdown(LONG);
            took.add(millisSince(began));
        });
        server.start();
        assertTrue(take(took) < SOON_MILLIS);
        assertTrue(take(took) < SOON_MILLIS);
        assertTrue(events.awaitEnds(1).get(0).failure().isEmpty());
    }

    @Test
    void aStopFromOutsideStillWaitsForAHandlerThatStops() throws Exception {
        CountDownLatch stopping = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        BaseServer<?> server = started(request -> {
            Handlers.line(request);
            ((BaseServer<?>) request.server()).shutdown(LONG);
            stopping.countDown();
            goOn.await();
        });
        client(server).send("quit");
        await(stopping);
        var outside = inBackground(() -> assertEquals(1, server.shutdown(LONG).drained()));
        Thread.sleep(50);
        assertTrue(!outside.isDone());
        goOn.countDown();
        await(outside);
    }

    @Test
    void shutdownWithoutGraceLeavesRunningRequestsAlone() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        BaseServer<?> server = started(request -> {
            String line = Handlers.line(request);
            inside.countDown();
            Thread.sleep(100);
            Handlers.answer(request, "got " + line);
        });
        Client client = client(server);
        client.send("work");
        await(inside);
        server.shutdown();
        assertEquals("got work", client.receive());
    }
}
