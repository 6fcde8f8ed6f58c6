package org.socketserver.api.server;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.ZLL_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Rejection;

/** A request races with deadlines, aborts and its own end. */
final class ExchangeRaces {
    private static final DeadlineException REQUEST_OVER = new DeadlineException(Deadline.REQUEST, "request");
    private static final Ending REJECTED = new Ending.Rejected(Rejection.FULL);
    private static final Ending EXPIRED = new Ending.Expired(REQUEST_OVER);
    private static final Ending AGED = new Ending.Expired(new DeadlineException(Deadline.AGE, "age"));
    private static final Ending ABORTED = new Ending.Aborted(
            new LiveRequest(1, InetSocketAddress.createUnresolved("client", 1), Duration.ZERO, false, "", List.of()),
            0);

    private ExchangeRaces() {}

    @JCStressTest
    @Outcome(id = "true, false, request", expect = Expect.ACCEPTABLE, desc = "the first deadline won")
    @Outcome(id = "false, true, age", expect = Expect.ACCEPTABLE, desc = "the other deadline won")
    @State
    public static class TwoDeadlines {
        private final DispatchedPacket packet = new DispatchedPacket();

        @Actor
        public void request(ZZL_Result result) {
            result.r1 = packet.exchange().end(EXPIRED);
        }

        @Actor
        public void age(ZZL_Result result) {
            result.r2 = packet.exchange().end(AGED);
        }

        @Arbiter
        public void look(ZZL_Result result) {
            result.r3 = packet.exchange()
                    .result()
                    .deadline()
                    .map(Deadline::toString)
                    .orElse("none");
        }
    }

    @JCStressTest
    @Outcome(id = "true, false, rejected", expect = Expect.ACCEPTABLE, desc = "rejected first")
    @Outcome(id = "false, true, aborted", expect = Expect.ACCEPTABLE, desc = "aborted first")
    @State
    public static class RejectionAgainstAbort {
        private final DispatchedPacket packet = new DispatchedPacket();

        @Actor
        public void reject(ZZL_Result result) {
            result.r1 = packet.exchange().end(REJECTED);
        }

        @Actor
        public void abort(ZZL_Result result) {
            result.r2 = packet.exchange().end(ABORTED);
        }

        @Arbiter
        public void look(ZZL_Result result) {
            result.r3 = packet.exchange().result().outcome();
        }
    }

    @JCStressTest
    @Outcome(id = "true, true, aborted", expect = Expect.ACCEPTABLE, desc = "an abort may follow a deadline")
    @Outcome(id = "false, true, aborted", expect = Expect.ACCEPTABLE, desc = "a deadline never follows an abort")
    @State
    public static class DeadlineAgainstAbort {
        private final DispatchedPacket packet = new DispatchedPacket();

        @Actor
        public void expire(ZZL_Result result) {
            result.r1 = packet.exchange().end(EXPIRED);
        }

        @Actor
        public void abort(ZZL_Result result) {
            result.r2 = packet.exchange().end(ABORTED);
        }

        @Arbiter
        public void look(ZZL_Result result) {
            result.r3 = packet.exchange().result().outcome();
        }
    }

    @JCStressTest
    @Outcome(
            id = "false, true",
            expect = Expect.ACCEPTABLE,
            desc = "ended, and the thread is free for its next request")
    @Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "the handler had returned")
    @State
    public static class HandlerAgainstInterrupt {
        private final DispatchedPacket packet = new DispatchedPacket();

        @Actor
        public void handle(ZZ_Result result) {
            packet.exchange().enterHandler();
            packet.exchange().leaveHandler();
            result.r1 = Thread.interrupted();
        }

        @Actor
        public void expire(ZZ_Result result) {
            result.r2 = packet.exchange().end(EXPIRED);
        }
    }

    @JCStressTest
    @Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "answered")
    @Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "expired, and not answered")
    @State
    public static class ReplyAgainstDeadline {
        private final DispatchedPacket packet = new DispatchedPacket();

        @Actor
        public void reply(ZZ_Result result) {
            packet.handle();
            result.r1 = packet.exchange().hasReply();
        }

        @Actor
        public void expire(ZZ_Result result) {
            result.r2 = packet.exchange().end(EXPIRED);
        }
    }

    @JCStressTest
    @Outcome(id = "true, aborted, counted as reported", expect = Expect.ACCEPTABLE, desc = "aborted before the close")
    @Outcome(id = "false, done, counted as reported", expect = Expect.ACCEPTABLE, desc = "closed before")
    @State
    public static class EndAgainstAbort {
        private final DispatchedPacket packet = new DispatchedPacket();

        @Actor
        public void run() {
            packet.exchange().run();
        }

        @Actor
        public void abort(ZLL_Result result) {
            result.r1 = packet.exchange().end(ABORTED);
        }

        @Arbiter
        public void look(ZLL_Result result) {
            result.r2 = packet.reported();
            result.r3 = packet.account();
        }
    }

    @JCStressTest
    @Outcome(id = "true, timed out, counted as reported", expect = Expect.ACCEPTABLE, desc = "expired in the handler")
    @Outcome(id = "false, done, counted as reported", expect = Expect.ACCEPTABLE, desc = "the handler had returned")
    @State
    public static class EndAgainstDeadline {
        private final DispatchedPacket packet = new DispatchedPacket();

        @Actor
        public void run() {
            packet.exchange().run();
        }

        @Actor
        public void expire(ZLL_Result result) {
            result.r1 = packet.exchange().end(EXPIRED);
        }

        @Arbiter
        public void look(ZLL_Result result) {
            result.r2 = packet.reported();
            result.r3 = packet.account();
        }
    }

    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "counted, answered and reported once")
    @State
    public static class TwoCloses {
        private final DispatchedPacket packet = new DispatchedPacket();

        public TwoCloses() {
            packet.handle();
        }

        @Actor
        public void close() {
            packet.close();
        }

        @Actor
        public void closeAgain() {
            packet.close();
        }

        @Arbiter
        public void look(III_Result result) {
            result.r1 = packet.counted();
            result.r2 = packet.sent();
            result.r3 = packet.reports();
        }
    }
}
