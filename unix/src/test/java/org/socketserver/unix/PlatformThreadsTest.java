package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class PlatformThreadsTest {
    @Test
    void aCallRunsOnADaemonThreadAndReturnsItsResult() throws IOException {
        Thread caller = Thread.currentThread();
        Thread runner = PlatformThreads.call(
                () -> {
                    assertNotSame(caller, Thread.currentThread());
                    return Thread.currentThread();
                },
                () -> {});
        assertTrue(runner.isDaemon());
        assertTrue(runner.getName().startsWith("socketserver-unix-"));
    }

    @Test
    void anExceptionOfTheCallIsThrownByTheCaller() {
        for (Throwable thrown :
                new Throwable[] {new IOException("io"), new IllegalStateException("state"), new AssertionError("error")
                }) {
            Throwable seen = assertThrows(
                    Throwable.class,
                    () -> PlatformThreads.call(
                            () -> {
                                if (thrown instanceof IOException io) {
                                    throw io;
                                }
                                if (thrown instanceof RuntimeException runtime) {
                                    throw runtime;
                                }
                                throw (Error) thrown;
                            },
                            () -> {}));
            assertSame(thrown, seen);
        }
    }

    @Test
    void anInterruptWakesUpTheCallAndIsKept() {
        CountDownLatch woken = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        Thread.currentThread().interrupt();
        assertThrows(
                ClosedByInterruptException.class,
                () -> PlatformThreads.call(
                        () -> {
                            awaitQuietly(woken);
                            ended.set(true);
                            return 1;
                        },
                        () -> {
                            woken.countDown();
                            // The wake-up has happened even if this throws.
                            throw new IOException("lost");
                        }));
        assertTrue(Thread.interrupted());
        assertTrue(ended.get(), "the call ends before the caller continues");
    }

    @Test
    void aCallThatFailsAfterAnInterruptThrowsClosedByInterruptException() {
        CountDownLatch woken = new CountDownLatch(1);
        Thread.currentThread().interrupt();
        ClosedByInterruptException failure = assertThrows(
                ClosedByInterruptException.class,
                () -> PlatformThreads.call(
                        () -> {
                            awaitQuietly(woken);
                            throw new IOException("closed");
                        },
                        woken::countDown));
        assertTrue(Thread.interrupted());
        assertEquals("closed", failure.getCause().getMessage());
        assertFalse(Thread.currentThread().isInterrupted());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException never) {
            throw new AssertionError(never);
        }
    }
}
