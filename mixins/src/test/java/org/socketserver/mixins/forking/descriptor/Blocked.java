package org.socketserver.mixins.forking.descriptor;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Assertions;

/** A call that blocks in the kernel, on its own thread. */
final class Blocked<T> {
    final Thread thread;
    private final FutureTask<T> task;

    private Blocked(Callable<T> call) {
        task = new FutureTask<>(call);
        thread = new Thread(task, "blocked");
        thread.setDaemon(true);
    }

    /** Starts a call and returns when its thread has been seen in a native method 100 times in a row. */
    static <T> Blocked<T> in(Callable<T> call) {
        Blocked<T> blocked = new Blocked<>(call);
        blocked.thread.start();
        int looks = 0;
        while (looks < 100) {
            Assertions.assertFalse(blocked.task.isDone(), "the call did not block");
            StackTraceElement[] stack = blocked.thread.getStackTrace();
            looks = stack.length > 0 && stack[0].isNativeMethod() ? looks + 1 : 0;
            Thread.yield();
        }
        return blocked;
    }

    T result() throws ExecutionException, InterruptedException, TimeoutException {
        return task.get(30, TimeUnit.SECONDS);
    }

    <X extends Throwable> X failure(Class<X> type) {
        return Assertions.assertInstanceOf(
                type,
                Assertions.assertThrows(ExecutionException.class, this::result).getCause());
    }
}
