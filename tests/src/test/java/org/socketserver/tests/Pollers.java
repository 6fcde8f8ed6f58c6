package org.socketserver.tests;

/** The JDK's threads that wait for the sockets of virtual threads; there once a virtual thread has waited. */
final class Pollers {
    private static final int TRIES = 2_000;

    private Pollers() {}

    /** Waits until somebody has started them: at once, or on a busy machine when a server tries again. */
    static void await() throws InterruptedException {
        for (int tries = 0; !run(); tries++) {
            if (tries == TRIES) {
                throw new AssertionError("no poller runs");
            }
            Thread.sleep(10);
        }
    }

    /** The last that the JDK starts: {@code Write-Poller} on 21, {@code MasterPoller} on 25. */
    private static boolean run() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .anyMatch(name -> name.startsWith("MasterPoller") || name.startsWith("Write-Poller"));
    }
}
