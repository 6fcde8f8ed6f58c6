package org.socketserver.tests;

/** Waits for the classes that the first bind of a JVM loads in the background. */
final class Preloaded {
    private static final int TRIES = 3_000;

    private Preloaded() {}

    static void await() throws InterruptedException {
        for (int tries = 0; isLoading(); tries++) {
            if (tries == TRIES) {
                throw new AssertionError("still loading");
            }
            Thread.sleep(10);
        }
    }

    private static boolean isLoading() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("socketserver-preload"));
    }
}
