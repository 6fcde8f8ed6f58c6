package org.socketserver.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Rounds of a race with random timing, and what must not be left after them. The seed is new each time unless {@code
 * -Dsocketserver.race.seed=N} gives it; a failure names it.
 */
final class Race {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** Threads that belong to the JVM as a whole, and stay for a while. */
    private static final String SHARED =
            "socketserver-(deadlines|unix-[0-9]+)|(ForkJoinPool.commonPool-d|CompletableFutureD)elayScheduler";

    private Race() {}

    /** One round; all that is random in it comes from what is given. */
    interface Round {
        void run(Random random) throws Exception;
    }

    /**
     * Runs the given number of rounds with {@code -Pexhaustive}, otherwise a tenth, or as many as fit into the given time, which
     * {@code -Pexhaustive} makes ten times as long.
     */
    static void rounds(int most, long mostMillis, Round round) {
        int rounds = Setup.EXHAUSTIVE ? most : Math.max(1, most / 10);
        long seed = Long.getLong("socketserver.race.seed", System.nanoTime());
        long limit = TimeUnit.MILLISECONDS.toNanos(Setup.EXHAUSTIVE ? 10 * mostMillis : mostMillis);
        long began = System.nanoTime();
        for (int i = 0; i < rounds && System.nanoTime() - began < limit; i++) {
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

    /** How many sockets and selectors the process has; 0 where the system does not tell. */
    static long descriptors() throws IOException {
        if (!Files.isDirectory(DESCRIPTORS)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            return all.filter(Race::isOfNetwork).count();
        }
    }

    private static boolean isOfNetwork(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("socket:") || target.startsWith("anon_inode:");
        } catch (IOException closedInBetween) {
            return false;
        }
    }

    /** The platform threads of the program, without those that belong to the JVM as a whole. */
    static Set<Thread> threads() {
        ThreadGroup own = Thread.currentThread().getThreadGroup();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getThreadGroup() == own)
                .filter(thread -> !thread.getName().matches(SHARED))
                .collect(Collectors.toSet());
    }
}
