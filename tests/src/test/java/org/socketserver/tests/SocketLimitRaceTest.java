package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Limits;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.ThreadingMixIn;

/** Ten times as many clients as there are slots race over real sockets while the bound changes. */
@EachThreadedSetup
class SocketLimitRaceTest extends ServingTest {
    private static final int HIGHEST = 3;
    private static final int CLIENTS = 10 * HIGHEST;

    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final ThreadingMixIn[] threading = new ThreadingMixIn[1];

    private BaseServer<?> serving(WhenFull whenFull) throws Exception {
        threading[0] = setup.concurrency().threading().maxConcurrent(HIGHEST);
        BaseServer<?> server = plainServer(
                () -> request -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    try {
                        Handlers.ONE_LINE.handle(request);
                        Thread.yield();
                    } finally {
                        inside.decrementAndGet();
                    }
                },
                options().limits(Limits.NONE.whenFull(whenFull)));
        server.mixIn(threading[0]);
        server.start();
        return server;
    }

    private void round(BaseServer<?> server, Random random, List<String> answers) throws Exception {
        List<FutureTask<Void>> all = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            String name = "n" + i;
            Random own = new Random(random.nextLong());
            all.add(inBackground(() -> {
                Race.pause(own);
                try (Client client = setup.transport().client(server.address())) {
                    client.send(name);
                    String answer = client.receive();
                    assertTrue(answer != null && (answers.contains(answer) || answer.equals("got " + name)), answer);
                }
            }));
        }
        for (int i = 0; i < CLIENTS; i++) {
            threading[0].maxConcurrent(1 + random.nextInt(HIGHEST));
            Race.pause(random);
        }
        for (FutureTask<Void> one : all) {
            await(one);
        }
    }

    private void race(WhenFull whenFull, List<String> answers) throws Exception {
        BaseServer<?> server = serving(whenFull);
        Race.rounds(100, 300, random -> round(server, random, answers));
        events.awaitEnds((int) server.stats().accepted());
        while (threading[0].active() > 0) {
            Thread.yield();
        }
        assertTrue(most.get() <= HIGHEST, most + " ran at once");
        assertEquals(0, server.stats().active());
        assertEquals(events.started().size(), events.stopped().size());
    }

    @Test
    void waitingClientsAreAllServedWithinTheHighestBound() throws Exception {
        race(WhenFull.WAIT, List.of());
    }

    @Test
    void eachClientIsServedOrRejectedWithinTheHighestBound() throws Exception {
        assumeRejectedClientsAreAnswered();
        race(WhenFull.answer("busy\n"), List.of("busy"));
    }
}
