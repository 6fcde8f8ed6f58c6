package org.socketserver.mixins;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.socketserver.api.spi.MixIn;

/** The accept loop waits for a slot while a request returns one. */
final class SlotsRaces {
    private SlotsRaces() {}

    /** A full set of slots, and whether the loop was woken. */
    private static final class TakenSlots {
        private final AtomicBoolean woken = new AtomicBoolean();
        private final Slots slots = new Slots("maxConcurrent", 1);

        private TakenSlots() {
            slots.attach((MixIn.Host) Proxy.newProxyInstance(
                    MixIn.Host.class.getClassLoader(),
                    new Class<?>[] {MixIn.Host.class},
                    (proxy, method, arguments) -> {
                        woken.set(true);
                        return null;
                    }));
            slots.take();
        }
    }

    @JCStressTest
    @Outcome(id = "true, .*, 1", expect = Expect.ACCEPTABLE, desc = "the loop has seen the slot and taken it")
    @Outcome(id = "false, true, 0", expect = Expect.ACCEPTABLE, desc = "the loop waits and is woken")
    @State
    public static class ReturnAgainstLoop {
        private final TakenSlots taken = new TakenSlots();

        @Actor
        public void accept(ZZI_Result result) {
            result.r1 = taken.slots.hasRoom();
            while (result.r1 && taken.slots.hasRoom()) {
                taken.slots.take();
            }
        }

        @Actor
        public void giveBack() {
            taken.slots.giveBack();
        }

        @Arbiter
        public void look(ZZI_Result result) {
            result.r2 = taken.woken.get();
            result.r3 = taken.slots.taken();
        }
    }

    @JCStressTest
    @Outcome(id = "true, .*", expect = Expect.ACCEPTABLE, desc = "the loop has seen the new limit")
    @Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the loop waits and is woken")
    @State
    public static class HigherLimitAgainstLoop {
        private final TakenSlots taken = new TakenSlots();

        @Actor
        public void accept(ZZ_Result result) {
            result.r1 = taken.slots.hasRoom();
        }

        @Actor
        public void raise() {
            taken.slots.limit(2);
        }

        @Arbiter
        public void look(ZZ_Result result) {
            result.r2 = taken.woken.get();
        }
    }
}
