package org.socketserver.api.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Closes servers when the JVM shuts down: those that serve or are being stopped. Registered with the JVM only while
 * there are such servers, so that nothing keeps the classes of an application that has closed its servers.
 */
final class ShutdownHook {
    /** The servers, and how many runs and stops of each are in progress. */
    private static final Map<BaseServer<?>, Integer> SERVERS = new IdentityHashMap<>();

    /** The hook that is registered; null while there is no server. */
    private static @Nullable Thread registered;

    private ShutdownHook() {}

    /** Adds a run or a stop of a server. */
    static synchronized void add(BaseServer<?> server) {
        SERVERS.merge(server, 1, Integer::sum);
        if (registered == null) {
            // Without the thread locals of the application that serves first, because the hook may outlive it.
            Thread hook = new Thread(null, ShutdownHook::closeAll, "socketserver-shutdown", 0, false);
            hook.setContextClassLoader(ClassLoader.getSystemClassLoader());
            try {
                Runtime.getRuntime().addShutdownHook(hook);
                registered = hook;
            } catch (IllegalStateException shutdownInProgress) {
                // The server serves until the JVM halts.
            }
        }
    }

    /** Removes a run or a stop of a server. Has no effect if it was not added. */
    static synchronized void remove(BaseServer<?> server) {
        SERVERS.computeIfPresent(server, (same, count) -> count == 1 ? null : count - 1);
        Thread hook = registered;
        if (SERVERS.isEmpty() && hook != null) {
            registered = null;
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException shutdownInProgress) {
                // It is running.
            }
        }
    }

    private static synchronized List<BaseServer<?>> servers() {
        return new ArrayList<>(SERVERS.keySet());
    }

    private static void closeAll() {
        List<Thread> closing = new ArrayList<>();
        for (BaseServer<?> server : servers()) {
            Thread thread = new Thread(null, () -> close(server), "socketserver-shutdown", 0, false);
            try {
                thread.start();
                closing.add(thread);
            } catch (OutOfMemoryError noThread) {
                close(server);
            }
        }
        for (Thread thread : closing) {
            try {
                // A listener that calls System.exit would wait for this hook.
                while (thread.isAlive() && !isInExit(thread)) {
                    thread.join(20);
                }
            } catch (InterruptedException stopWaiting) {
                return;
            }
        }
    }

    private static void close(BaseServer<?> server) {
        server.log().contained("close", server::closeAtExit);
    }

    /** Returns whether the JVM shuts down, because it accepts no more hooks then. */
    static boolean isJvmShuttingDown() {
        Thread probe = new Thread(null, () -> {}, "socketserver-probe", 0, false);
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
            return false;
        } catch (IllegalStateException shutdownInProgress) {
            return true;
        }
    }

    /**
     * Returns whether a thread has called {@link Runtime#exit}, which waits for the hooks. Looks at the stack of a
     * waiting thread only, because that of a thousand running handlers would stop the JVM a thousand times.
     */
    static boolean isInExit(Thread thread) {
        Thread.State state = thread.getState();
        return (state == Thread.State.WAITING || state == Thread.State.BLOCKED) && hasExitOnStack(thread);
    }

    private static boolean hasExitOnStack(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals("java.lang.Runtime")
                        && frame.getMethodName().equals("exit"));
    }
}
