package org.socketserver.unix;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes blocking calls into junixsocket for virtual threads, on daemon platform threads that end after 10 s without
 * work.
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

    /** How long a call that was woken may take before it is woken again. */
    private static final long WAKE_AGAIN_MILLIS = 10;

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
     * @param onInterrupt wakes the call when the caller is interrupted; repeated until the call has ended
     * @throws ClosedByInterruptException if the caller was interrupted; its interrupt is kept, as with the JDK's
     *     channels. The call has ended all the same, so nothing of the caller's is used any more
     */
    static <T> T call(Call<T> call, Waker onInterrupt) throws IOException {
        FutureTask<T> task = new FutureTask<>(call::call);
        POOL.execute(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    T result = interrupted ? task.get(WAKE_AGAIN_MILLIS, TimeUnit.MILLISECONDS) : task.get();
                    if (interrupted) {
                        throw new ClosedByInterruptException();
                    }
                    return result;
                } catch (InterruptedException wakeUp) {
                    interrupted = true;
                    wake(onInterrupt);
                } catch (TimeoutException tooEarly) {
                    // The call had not begun to wait when it was woken.
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

    /**
     * Serves on a platform thread that nobody else knows, for the caller.
     *
     * <p>On an interrupt, junixsocket closes the channel that the thread uses at that moment, and be it the server's
     * own, which would not only end serving but take the address away. So an interrupt of the caller is made a
     * shutdown.
     *
     * @param <T> type of the result
     * @param loop serves
     * @param shutdown ends that
     * @param stopped what to return then
     */
    static <T> T serve(Call<T> loop, Waker shutdown, T stopped) throws IOException {
        try {
            return call(loop, shutdown);
        } catch (ClosedByInterruptException interruptIsKept) {
            return stopped;
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
