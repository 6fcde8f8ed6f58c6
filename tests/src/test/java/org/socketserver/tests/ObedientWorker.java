package org.socketserver.tests;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;

/** Commands that damage the whole process. For worker processes only. */
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

    /** Computes forever and ignores interrupts. */
    private static void spin(String gate) throws Exception {
        Gate.arrive(gate);
        for (long i = 1; i != 0; i = i % Long.MAX_VALUE + 1) {
            Thread.onSpinWait();
        }
    }

    /** Deadlocks with another thread. */
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
        Gate.arrive(gate);
        theirs.lock();
    }

    /** Fills the heap. */
    private static void leak() {
        byte[][] kept = new byte[1_000_000][];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new byte[10_000_000];
        }
        throw new AssertionError("there is more memory than expected");
    }

    private static void print(int lines) {
        for (int i = 0; i < lines; i++) {
            System.out.println("line " + i + " of a handler's output, with the length of a typical line");
        }
    }
}
