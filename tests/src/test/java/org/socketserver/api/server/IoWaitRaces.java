package org.socketserver.api.server;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZL_Result;
import org.openjdk.jcstress.infra.results.ZZZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.socketserver.api.Deadline;

/** A read or write races with a deadline or a stop. */
final class IoWaitRaces {
    private IoWaitRaces() {}

    /** Returns what ended the last wait: a deadline, {@code stop}, or {@code none} if nothing is waiting. */
    private static String leftBehind(IoWait wait) {
        long since = wait.since();
        if (since > 0) {
            return "waiting";
        }
        if (since == 0) {
            return wait.endedBy() == null ? "none" : wait.endedBy().name();
        }
        return wait.finish(1)
                ? "finished"
                : wait.endedBy() == null ? "stop" : wait.endedBy().name();
    }

    @JCStressTest
    @Outcome(id = "true, false, none", expect = Expect.ACCEPTABLE, desc = "finished first")
    @Outcome(id = "false, true, READ", expect = Expect.ACCEPTABLE, desc = "ended first")
    @State
    public static class FinishAgainstEnd {
        private final IoWait wait = new IoWait();
        private final long since = wait.begin();

        @Actor
        public void finish(ZZL_Result result) {
            result.r1 = wait.finish(since);
        }

        @Actor
        public void end(ZZL_Result result) {
            result.r2 = wait.end(since, Deadline.READ);
        }

        @Arbiter
        public void look(ZZL_Result result) {
            result.r3 = leftBehind(wait);
        }
    }

    @JCStressTest
    @Outcome(id = "true, false, READ", expect = Expect.ACCEPTABLE, desc = "the deadline came first")
    @Outcome(id = "false, true, stop", expect = Expect.ACCEPTABLE, desc = "the stop came first")
    @State
    public static class DeadlineAgainstStop {
        private final IoWait wait = new IoWait();
        private final long since = wait.begin();

        @Actor
        public void expire(ZZL_Result result) {
            result.r1 = wait.end(since, Deadline.READ);
        }

        @Actor
        public void stop(ZZL_Result result) {
            result.r2 = wait.end(since, null);
        }

        @Arbiter
        public void look(ZZL_Result result) {
            result.r3 = leftBehind(wait);
        }
    }

    @JCStressTest
    @Outcome(id = "true, false, true", expect = Expect.ACCEPTABLE, desc = "the end came too late")
    @Outcome(id = "false, true, true", expect = Expect.ACCEPTABLE, desc = "the end hit its own wait")
    @State
    public static class EndAgainstTheNextWait {
        private final IoWait wait = new IoWait();
        private final long since = wait.begin();

        @Actor
        public void waitAgain(ZZZ_Result result) {
            result.r1 = wait.finish(since);
            result.r3 = true;
            for (int i = 0; i < 4; i++) {
                result.r3 &= wait.finish(wait.begin());
            }
        }

        @Actor
        public void end(ZZZ_Result result) {
            result.r2 = wait.end(since, Deadline.READ);
        }
    }

    @JCStressTest
    @Outcome(id = "false, false", expect = Expect.FORBIDDEN, desc = "waits on a closed request forever")
    @Outcome(id = "true, .*|.*, true", expect = Expect.ACCEPTABLE, desc = "one of them sees the other")
    @State
    public static class BeginAgainstExpiry {
        private final IoWait wait = new IoWait();
        private volatile boolean expired;

        @Actor
        public void begin(ZZ_Result result) {
            wait.begin();
            result.r1 = expired;
        }

        @Actor
        public void expire(ZZ_Result result) {
            expired = true;
            result.r2 = wait.isWaiting();
        }
    }
}
