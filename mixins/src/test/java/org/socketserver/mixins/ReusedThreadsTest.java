package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReusedThreadsTest {
    /** Keeps them for longer than any test takes. */
    private final ReusedThreads threads = new ReusedThreads(TimeUnit.MINUTES.toMillis(2));

    @AfterEach
    void close() {
        threads.close();
    }

    /** The thread of a piece of work that has ended. */
    private static Thread ran(ReusedThreads threads, String name) throws Exception {
        CompletableFuture<Thread> ran = new CompletableFuture<>();
        CompletableFuture<String> nameSeen = new CompletableFuture<>();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        threads.run(name, () -> {
            nameSeen.complete(Thread.currentThread().getName());
            interrupted.complete(Thread.currentThread().isInterrupted());
            ran.complete(Thread.currentThread());
        });
        assertEquals(name, nameSeen.get());
        assertFalse(interrupted.get());
        awaitIdle(ran.get());
        return ran.get();
    }

    private Thread ran(String name) throws Exception {
        return ran(threads, name);
    }

    private static void awaitIdle(Thread thread) {
        while (!thread.getName().equals(ReusedThreads.IDLE) || thread.getState() == Thread.State.RUNNABLE) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void aThreadThatIsFreeIsUsedAgainUnderTheNameOfItsWork() throws Exception {
        Thread first = ran("first");
        assertSame(first, ran("second"));
        assertTrue(first.isDaemon());
    }

    @Test
    void whatRunsAtOnceHasAThreadOfItsOwn() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        CompletableFuture<Thread> one = new CompletableFuture<>();
        CompletableFuture<Thread> other = new CompletableFuture<>();
        threads.run("one", () -> meet(both, one));
        threads.run("other", () -> meet(both, other));
        assertNotSame(one.get(), other.get());
    }

    private static void meet(CountDownLatch both, CompletableFuture<Thread> met) {
        both.countDown();
        try {
            both.await();
            met.complete(Thread.currentThread());
        } catch (InterruptedException stopped) {
            met.completeExceptionally(stopped);
        }
    }

    @Test
    void anInterruptThatWorkLeavesBehindIsNotTheNextOnes() throws Exception {
        CompletableFuture<Thread> ran = new CompletableFuture<>();
        threads.run("interrupted", () -> {
            Thread.currentThread().interrupt();
            ran.complete(Thread.currentThread());
        });
        awaitIdle(ran.get());
        assertSame(ran.get(), ran("next"));
    }

    @Test
    void theNextHasAThreadAfterWorkThatThrew() throws Exception {
        CompletableFuture<Thread> thrower = new CompletableFuture<>();
        threads.run("thrower", () -> {
            thrower.complete(Thread.currentThread());
            Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
            throw new IllegalStateException("on purpose");
        });
        assertNotSame(thrower.get(), ran("next"));
    }

    @Test
    void aThreadEndsThatHasWaitedLong() throws Exception {
        try (ReusedThreads brief = new ReusedThreads(20)) {
            ran(brief, "only").join();
        }
    }

    @Test
    void aCloseEndsThoseThatWaitAndTakesNothingMore() throws Exception {
        Thread thread = ran("only");
        threads.close();
        thread.join();
        assertThrows(RejectedExecutionException.class, () -> threads.run("late", () -> {}));
    }
}
