package org.socketserver.tests;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Request;

/**
 * Records the hooks that a recording server calls, and lets a test intercept them.
 *
 * <p>A hook is recorded when it begins, {@code getRequest} only when it returns a request. Thread-safe.
 */
final class Hooks {
    /** The hook itself. */
    interface Proceed<T> {
        T call() throws Exception;
    }

    /** Replaces a hook. */
    interface Around {
        @Nullable
        Object call(Proceed<?> proceed, @Nullable Request request) throws Exception;
    }

    /** Runs before a hook. */
    interface Action {
        void run() throws Exception;
    }

    /** A call of {@code handleError}. */
    record Failure(SocketAddress client, Throwable thrown) {}

    /** All calls of {@code handleError}. */
    final Queue<Failure> failures = new ConcurrentLinkedQueue<>();

    private final List<String> calls = new ArrayList<>();
    private final Map<String, Around> replaced = new ConcurrentHashMap<>();

    Hooks around(String hook, Around around) {
        replaced.put(hook, around);
        return this;
    }

    Hooks before(String hook, Action action) {
        return around(hook, (proceed, request) -> {
            action.run();
            return proceed.call();
        });
    }

    void restore(String hook) {
        replaced.remove(hook);
    }

    synchronized void record(String call) {
        calls.add(call);
        notifyAll();
    }

    synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    synchronized long count(String hook) {
        return calls.stream().filter(hook::equals).count();
    }

    synchronized void clear() {
        calls.clear();
    }

    /** Waits until a hook has been called the given number of times. */
    synchronized void await(String hook, long times) throws InterruptedException {
        long end = System.nanoTime() + 20_000_000_000L;
        while (count(hook) < times) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError(hook + " was not called " + times + " times: " + calls);
            }
            wait(left);
        }
    }

    /** Runs a hook. A test may make it throw anything, including checked exceptions. */
    @SuppressWarnings("unchecked")
    <T> T call(String hook, @Nullable Request request, Proceed<T> proceed) {
        boolean fetches = hook.equals("getRequest");
        if (!fetches) {
            record(hook);
        }
        Around around = replaced.get(hook);
        try {
            T result = around == null ? proceed.call() : (T) around.call(proceed, request);
            if (fetches && result != null) {
                record(hook);
            }
            return result;
        } catch (Throwable failure) {
            throw Hooks.<RuntimeException>unchecked(failure);
        }
    }

    @Nullable
    Void run(String hook, @Nullable Request request, Action proceed) {
        return call(hook, request, () -> {
            proceed.run();
            return null;
        });
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> X unchecked(Throwable failure) throws X {
        throw (X) failure;
    }
}
