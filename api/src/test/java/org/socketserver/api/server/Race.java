package org.socketserver.api.server;

import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Rounds of a race with random timing. The seed is the time or {@code -Dsocketserver.race.seed=N}; the message of a
 * failure contains it.
 */
final class Race {
    private static final long MAX_LENGTH =
            TimeUnit.SECONDS.toNanos(Boolean.getBoolean("socketserver.exhaustive") ? 30 : 2);

    private Race() {}

    /** One round, whose only source of randomness is the argument. */
    interface Round {
        void run(Random random) throws Exception;
    }

    /** Runs the given number of rounds, or as many as fit into 2 s (30 s with {@code -Pexhaustive}). */
    static void rounds(int rounds, Round round) {
        long seed = Long.getLong("socketserver.race.seed", System.nanoTime());
        long began = System.nanoTime();
        for (int i = 0; i < rounds && System.nanoTime() - began < MAX_LENGTH; i++) {
            try {
                round.run(new Random(seed + i));
            } catch (Exception | AssertionError failure) {
                throw new AssertionError(
                        "round " + i + "; repeat with -Dsocketserver.race.seed=" + (seed + i) + ": " + failure,
                        failure);
            }
        }
    }

    /** Waits for a random time: not at all, a few processor cycles, or up to a millisecond. */
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
