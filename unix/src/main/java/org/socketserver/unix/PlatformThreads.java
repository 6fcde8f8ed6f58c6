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
import org.socketserver.api.Server;

/**
 * Makes blocking calls into junixsocket for virtual threads, on daemon platform threads that end after 10 s without
 * work.
 *
 * <p>On a virtual thread junixsocket either spins (a blocking channel polls for room to write while it waits for input,
 * {@code AFCore.read}) or starves (its poller keeps one thread for each wait, of a pool as large as the number of
 * processors): <a href="https://github.com/kohlschutter/junixsocket/issues/172">issue 172</a>. Waiting for a {@link
 * FutureTask} parks the virtual thread.
 */
final class PlatformThreads {
    private static final AtomicLong COUNT = new AtomicLong();
    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), PlatformThreads::newThread);

    /** How long a call that was woken may take until it is woken again. */
    private static final long WAKE_AGAIN_MILLIS = 10;

    private PlatformThreads() {}

    /** A call that may wait for long. */
    @FunctionalInterface
    interface Call<T> {
        T call() throws IOException;
    }

    /** Makes a waiting call return soon. */
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
     * @param call the call; its exception is thrown to the caller
     * @param onInterrupt wakes the call when the caller is interrupted; repeated until the call has ended
     * @throws ClosedByInterruptException if the caller was interrupted; its interrupt status is kept, as with the JDK's
     *     channels. The call has ended, so the caller's objects are no longer used
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
                    // The call was not yet waiting when it was woken.
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
     * Serves on a platform thread of its own, on behalf of the caller.
     *
     * <p>When a thread is interrupted, junixsocket closes the channel that it uses at that moment. If that is the
     * listening channel, serving ends and the address is lost. So an interrupt of the caller becomes a shutdown, and no
     * other code can interrupt the platform thread.
     *
     * @param loop serves
     * @param server shut down by an interrupt
     * @return the result of the loop; false after an interrupt
     */
    static boolean serve(Call<Boolean> loop, Server server) throws IOException {
        try {
            return call(loop, server::shutdown);
        } catch (ClosedByInterruptException interruptIsKept) {
            return false;
        }
    }

    private static void wake(Waker waker) {
        try {
            waker.wake();
        } catch (IOException lost) {
            // The connection is lost, which also wakes the call.
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
