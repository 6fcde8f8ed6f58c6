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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReusedThreadsTest {
    private final ReusedThreads threads = new ReusedThreads();

    @AfterEach
    void close() {
        threads.close();
    }

    /** A piece of work that has ended. */
    private Thread ran(String name) throws Exception {
        CompletableFuture<Thread> ran = new CompletableFuture<>();
        threads.run(name, () -> {
            assertEquals(name, Thread.currentThread().getName());
            assertFalse(Thread.currentThread().isInterrupted());
            ran.complete(Thread.currentThread());
        });
        Thread thread = ran.get();
        awaitIdle(thread);
        return thread;
    }

    private static void awaitIdle(Thread thread) {
        while (!thread.getName().equals(ReusedThreads.IDLE) || thread.getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
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
        ran("next");
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
        ran("only").join();
    }

    @Test
    void aCloseEndsThoseThatWaitAndTakesNothingMore() throws Exception {
        Thread thread = ran("only");
        threads.close();
        thread.join();
        assertThrows(RejectedExecutionException.class, () -> threads.run("late", () -> {}));
    }
}
