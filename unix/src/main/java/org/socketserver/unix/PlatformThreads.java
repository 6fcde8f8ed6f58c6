package org.socketserver.unix;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes blocking calls into junixsocket for virtual threads, on daemon platform threads that end after 10 s without work.
 *
 * <p>On a virtual thread junixsocket either spins (a blocking channel polls for room to write while it waits for
 * something to read, {@code AFCore.read}) or starves (its poller keeps a thread of a pool as large as the number of
 * processors for each that waits): <a href="https://github.com/kohlschutter/junixsocket/issues/172">issue 172</a>.
 * Waiting for a {@link FutureTask} parks a virtual thread, which costs nothing.
 */
final class PlatformThreads {
    private static final AtomicLong COUNT = new AtomicLong();
    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), PlatformThreads::newThread);

    private PlatformThreads() {}

    /** A call that may wait for long. */
    @FunctionalInterface
    interface Call<T> {
        T call() throws IOException;
    }

    /** What makes a waiting call return soon. */
    @FunctionalInterface
    interface Waker {
        void wake() throws IOException;
    }

    private static Thread newThread(Runnable work) {
        Thread thread = new Thread(work, "socketserver-unix-" + COUNT.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Makes a call on a platform thread and waits for its end.
     *
     * @param call the call; throws here what it throws there
     * @param onInterrupt wakes the call when the caller is interrupted
     * @throws ClosedByInterruptException if the caller was interrupted; its interrupt is kept, as with the JDK's channels.
     *     The call has ended all the same, so nothing of the caller's is used any more
     */
    static <T> T call(Call<T> call, Waker onInterrupt) throws IOException {
        FutureTask<T> task = new FutureTask<>(call::call);
        POOL.execute(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    T result = task.get();
                    if (interrupted) {
                        throw new ClosedByInterruptException();
                    }
                    return result;
                } catch (InterruptedException wakeUp) {
                    interrupted = true;
                    wake(onInterrupt);
                }
            }
        } catch (ExecutionException thrown) {
            if (interrupted) {
                throw (IOException) new ClosedByInterruptException().initCause(thrown.getCause());
            }
            throw failure(thrown.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void wake(Waker waker) {
        try {
            waker.wake();
        } catch (IOException lost) {
            // The connection is lost, which wakes the call as well.
        }
    }

    private static IOException failure(@Nullable Throwable thrown) {
        if (thrown instanceof RuntimeException runtime) {
            throw runtime;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        return thrown instanceof IOException io ? io : new IOException(thrown);
    }
}
