package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.socketserver.api.Limits;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.WhenFull;
import org.socketserver.mixins.ThreadingMixIn;

/** Ten times as many requests as there are slots race for them while the bound changes. */
class LimitRaceTest {
    private static final int SENDERS = 3;
    private static final int MAX = 6;

    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger rejected = new AtomicInteger();

    private LocalServer server(Concurrency concurrency, ThreadingMixIn threading, WhenFull whenFull) throws Exception {
        LocalServer server = new LocalServer(
                () -> request -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    try {
                        int work = request.input().read();
                        for (int turns = work * 10; turns > 0; turns--) {
                            Thread.onSpinWait();
                        }
                        if (work % 3 == 0) {
                            Thread.yield();
                        }
                        if (work % 7 == 0) {
                            throw new IllegalStateException("on purpose");
                        }
                    } finally {
                        inside.decrementAndGet();
                    }
                },
                ServerOptions.DEFAULTS
                        .name(concurrency.toString())
                        .pollInterval(Duration.ofSeconds(30))
                        .limits(Limits.NONE.whenFull(whenFull)));
        server.listener(new RequestListener() {
            @Override
            public void requestStopped(Request request, RequestEnd end) {
                if (end.outcome() == RequestOutcome.REJECTED) {
                    rejected.incrementAndGet();
                }
                ended.incrementAndGet();
            }
        });
        server.mixIn(threading);
        server.start();
        return server;
    }

    /** Runs one round, whose bound changes below a highest value. */
    private void round(LocalServer server, ThreadingMixIn threading, Random random) throws Exception {
        int highest = 1 + random.nextInt(MAX);
        threading.maxConcurrent(highest);
        most.set(0);
        ended.set(0);
        int each = (10 * highest + SENDERS - 1) / SENDERS;
        CountDownLatch go = new CountDownLatch(1);
        FutureTask<?>[] senders = new FutureTask<?>[SENDERS];
        for (int i = 0; i < SENDERS; i++) {
            Random own = new Random(random.nextLong());
            senders[i] = ServingTest.inBackground(() -> {
                go.await();
                for (int sent = 0; sent < each; sent++) {
                    server.send((byte) own.nextInt(128));
                    if (own.nextInt(4) == 0) {
                        Thread.yield();
                    }
                }
            });
        }
        go.countDown();
        int changes = random.nextInt(20);
        long began = System.nanoTime();
        while (ended.get() < each * SENDERS) {
            if (changes-- > 0) {
                threading.maxConcurrent(1 + random.nextInt(highest));
            }
            Thread.yield();
            assertTrue(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(30), () -> ended + " ended, " + server);
        }
        for (FutureTask<?> sender : senders) {
            ServingTest.await(sender);
        }
        while (threading.active() > 0) {
            Thread.yield();
        }
        assertTrue(most.get() <= highest, most + " ran at once, bound " + highest);
        assertEquals(0, inside.get());
    }

    @ParameterizedTest
    @EnumSource(
            value = Concurrency.class,
            names = {"VIRTUAL", "PLATFORM"})
    void runningRequestsNeverExceedTheHighestBoundAndAllSlotsAreReturned(Concurrency concurrency) throws Exception {
        if (!concurrency.isAvailable()) {
            return;
        }
        for (WhenFull whenFull : new WhenFull[] {WhenFull.WAIT, WhenFull.REJECT, WhenFull.answer("busy")}) {
            rejected.set(0);
            ThreadingMixIn threading = concurrency.threading();
            try (CapturedLog log = CapturedLog.begin();
                    LocalServer server = server(concurrency, threading, whenFull)) {
                Race.rounds(10_000, 500, random -> round(server, threading, random));
                assertEquals(0, server.stats().active());
                assertEquals(whenFull == WhenFull.WAIT, rejected.get() == 0, rejected + " were rejected: " + log);
                assertEquals(rejected.get(), server.stats().ended(RequestOutcome.REJECTED));
            }
        }
    }
}
