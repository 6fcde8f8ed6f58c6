package org.socketserver.api.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Closes the serving servers when the JVM shuts down. Registered with the JVM only while there are such servers, so
 * that nothing keeps the classes of an application that has closed its servers.
 *
 * <p>A server is added when it begins to serve and removed when it has ended, by the thread that does it.
 */
final class ShutdownHook {
    private static final Set<BaseServer<?>> SERVERS = new HashSet<>();

    /** The hook that is registered; null while no server serves. */
    private static @Nullable Thread registered;

    private ShutdownHook() {}

    static synchronized void add(BaseServer<?> server) {
        SERVERS.add(server);
        if (registered == null) {
            Thread hook = new Thread(null, ShutdownHook::closeAll, "socketserver-shutdown");
            // The hook may outlive the application that served first.
            hook.setContextClassLoader(ClassLoader.getSystemClassLoader());
            try {
                Runtime.getRuntime().addShutdownHook(hook);
                registered = hook;
            } catch (IllegalStateException shutdownInProgress) {
                // The server serves until the JVM halts.
            }
        }
    }

    /** Has no effect if the server was not added. */
    static synchronized void remove(BaseServer<?> server) {
        SERVERS.remove(server);
        Thread hook = registered;
        if (SERVERS.isEmpty() && hook != null) {
            registered = null;
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException shutdownInProgress) {
                // It runs once more at most.
            }
        }
    }

    private static synchronized List<BaseServer<?>> servers() {
        return List.copyOf(SERVERS);
    }

    private static void closeAll() {
        List<Thread> closing = new ArrayList<>();
        for (BaseServer<?> server : servers()) {
            try {
                Thread thread = new Thread(null, server::closeAtExit, server.name() + " shutdown");
                thread.start();
                closing.add(thread);
            } catch (OutOfMemoryError noThread) {
                server.closeAtExit();
            }
        }
        for (Thread thread : closing) {
            try {
                thread.join();
            } catch (InterruptedException stopWaiting) {
                return;
            }
        }
    }

    /** Returns those of the threads that have called {@link Runtime#exit}, which waits for the hooks. */
    static Set<Thread> inExit(Set<Thread> threads) {
        return threads.stream().filter(ShutdownHook::isInExit).collect(Collectors.toSet());
    }

    private static boolean isInExit(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals("java.lang.Runtime")
                        && frame.getMethodName().equals("exit"));
    }
}
