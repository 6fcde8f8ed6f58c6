package org.socketserver.tests;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;

/** Commands that hurt the whole process: for handlers that have one of their own. */
final class ObedientWorker {
    static final Map<String, ObedientHandler.Command> COMMANDS = Map.of(
            "exit", (request, status) -> System.exit(Integer.parseInt(status)),
            "halt", (request, status) -> Runtime.getRuntime().halt(Integer.parseInt(status)),
            "spin", (request, gate) -> spin(gate),
            "deadlock", (request, gate) -> deadlock(gate),
            "leak", (request, nothing) -> leak(),
            "print", (request, count) -> print(Integer.parseInt(count)),
            "close-stderr", (request, nothing) -> System.err.close());

    private ObedientWorker() {}

    /** Computes for ever, interrupted or not. */
    private static void spin(String gate) throws Exception {
        Gate.come(gate);
        for (long i = 1; i != 0; i = i % Long.MAX_VALUE + 1) {
            Thread.onSpinWait();
        }
    }

    /** Waits for a thread that waits for this one. */
    private static void deadlock(String gate) throws Exception {
        ReentrantLock mine = new ReentrantLock();
        ReentrantLock theirs = new ReentrantLock();
        CountDownLatch taken = new CountDownLatch(1);
        mine.lock();
        Thread other = new Thread(() -> {
            theirs.lock();
            taken.countDown();
            mine.lock();
        });
        other.setDaemon(true);
        other.start();
        taken.await();
        Gate.come(gate);
        theirs.lock();
    }

    /** Takes all the memory there is, for real. */
    private static void leak() {
        byte[][] kept = new byte[1_000_000][];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new byte[10_000_000];
        }
        throw new AssertionError("there is more memory than thought");
    }

    private static void print(int lines) {
        for (int i = 0; i < lines; i++) {
            System.out.println("line " + i + " of what a handler prints, as long as such lines often are");
        }
    }
}
