package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The resources that this JVM holds at a moment.
 *
 * @param descriptors open descriptors; 0 without {@code /proc}
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

    /**
     * Returns the names of live platform threads of servers, except the sweeper, which all servers share and which ends
     * by itself.
     */
    static Set<String> serverThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.endsWith(" accept") || name.contains(" < ") || name.startsWith("socketserver-"))
                .filter(name -> !name.equals("socketserver-deadlines"))
                .collect(Collectors.toSet());
    }

    /** Waits until no threads or descriptors of servers are left. */
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
