package org.socketserver.api.server;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** The first wait after a long time races with the end of the sweeper's thread. */
final class DeadlineSweeperRaces {
    private DeadlineSweeperRaces() {}

    @JCStressTest
    @Outcome(id = "true, 1", expect = Expect.ACCEPTABLE, desc = "the thread saw the waiter and continues")
    @Outcome(id = "false, 2", expect = Expect.ACCEPTABLE, desc = "the thread ends and another was started")
    @State
    public static class WatchAgainstTheEnd {
        private final AtomicInteger started = new AtomicInteger();
        private final DeadlineSweeper sweeper = new DeadlineSweeper(0, task -> new Thread() {
            @Override
            public synchronized void start() {
                started.incrementAndGet();
            }
        });

        public WatchAgainstTheEnd() {
            DeadlineSweeper.Waiter gone = now -> {};
            sweeper.watch(gone, Long.MAX_VALUE);
            sweeper.forget(gone);
        }

        @Actor
        public void end(ZI_Result result) {
            result.r1 = sweeper.goesOn();
        }

        @Actor
        public void watch() {
            sweeper.watch(now -> {}, Long.MAX_VALUE);
        }

        @Arbiter
        public void look(ZI_Result result) {
            result.r2 = started.get();
        }
    }
}
