package org.socketserver.api.server;

import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Rounds of a race with random timing. The seed is new each time unless {@code -Dsocketserver.race.seed=N} gives it; a failure
 * names it.
 */
final class Race {
    private static final long LONGEST =
            TimeUnit.SECONDS.toNanos(Boolean.getBoolean("socketserver.exhaustive") ? 30 : 2);

    private Race() {}

    /** One round; all that is random in it comes from what is given. */
    interface Round {
        void run(Random random) throws Exception;
    }

    /** Runs the given number of rounds, or as many as fit into 2 s; with {@code -Pexhaustive} 30 s. */
    static void rounds(int rounds, Round round) {
        long seed = Long.getLong("socketserver.race.seed", System.nanoTime());
        long began = System.nanoTime();
        for (int i = 0; i < rounds && System.nanoTime() - began < LONGEST; i++) {
            try {
                round.run(new Random(seed + i));
            } catch (Exception | AssertionError failure) {
                throw new AssertionError(
                        "round " + i + "; again with -Dsocketserver.race.seed=" + (seed + i) + ": " + failure, failure);
            }
        }
    }

    /** Lets some time pass: none, a few turns of the processor, or up to a millisecond. */
    static void pause(Random random) throws InterruptedException {
        int kind = random.nextInt(4);
        if (kind == 1) {
            Thread.yield();
        } else if (kind == 2) {
            for (int turns = random.nextInt(2_000); turns > 0; turns--) {
                Thread.onSpinWait();
            }
        } else if (kind == 3) {
            TimeUnit.MICROSECONDS.sleep(random.nextInt(1_000));
        }
    }
}
