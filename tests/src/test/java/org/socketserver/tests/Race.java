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
 * Runs rounds of a race with random timing. The seed is random unless set with {@code -Dsocketserver.race.seed=N}. A
 * failure names it.
 */
final class Race {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** Threads shared by the JVM, which stay for a while. */
    private static final String SHARED =
            "socketserver-(deadlines|unix-[0-9]+)|(ForkJoinPool.commonPool-d|CompletableFutureD)elayScheduler";

    private Race() {}

    /** One round. All its random choices come from the given generator. */
    interface Round {
        void run(Random random) throws Exception;
    }

    /**
     * Runs a tenth of the given number of rounds, or as many as fit into the given time. With {@code -Pexhaustive} it
     * runs all rounds within ten times the time.
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
                        "round " + i + "; reproduce with -Dsocketserver.race.seed=" + (seed + i) + ": " + failure,
                        failure);
            }
        }
    }

    /** Waits for nothing, for a few spins, or for up to a millisecond. */
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

    /** Returns how many sockets and selectors the process has open, or 0 if unknown. */
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

    /** Returns the program's platform threads, without those shared by the JVM. */
    static Set<Thread> threads() {
        ThreadGroup own = Thread.currentThread().getThreadGroup();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getThreadGroup() == own)
                .filter(thread -> !thread.getName().matches(SHARED))
                .collect(Collectors.toSet());
    }
}
