package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What this JVM holds at a moment.
 *
 * @param descriptors open descriptors; 0 where there is no {@code /proc}
 * @param threads platform threads
 * @param heapKilobytes heap in use after a collection
 */
record Footprint(int descriptors, int threads, long heapKilobytes) {
    static Footprint now() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1024);
        }
        return new Footprint(countDescriptors(), Thread.activeCount(), least);
    }

    static int countDescriptors() {
        String[] open = new File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }

    /** Names of live platform threads of servers; the sweeper, which all servers share, goes by itself after a while. */
    static Set<String> serverThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.endsWith(" accept") || name.contains(" < ") || name.startsWith("socketserver-"))
                .filter(name -> !name.equals("socketserver-deadlines"))
                .collect(Collectors.toSet());
    }

    /** Waits until servers have left neither threads nor descriptors behind. */
    static void awaitNoServer(int descriptorsAtMost) throws InterruptedException {
        long began = System.nanoTime();
        while (!serverThreads().isEmpty() || countDescriptors() > descriptorsAtMost) {
            assertTrue(
                    ServingTest.millisSince(began) < 30_000,
                    () -> "left: " + serverThreads() + ", " + countDescriptors() + " descriptors instead of "
                            + descriptorsAtMost);
            Thread.sleep(10);
        }
    }
}
