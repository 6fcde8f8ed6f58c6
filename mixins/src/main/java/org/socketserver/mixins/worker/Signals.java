package org.socketserver.mixins.worker;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Signals that go to a whole group of processes, as Ctrl-C in a terminal does: the parent hears them as well, and
 * decides; its workers have requests to finish.
 */
final class Signals {
    private static final String[] OF_THE_GROUP = {"INT", "TERM", "HUP"};

    private Signals() {}

    /** By reflection, since not every Java has {@code jdk.unsupported}; there the signals end the worker. */
    static void ignoreThoseOfTheGroup() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Method handle = signal.getMethod("handle", signal, handler);
            InvocationHandler nothing = (proxy, method, arguments) -> null;
            Object ignore = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, nothing);
            for (String name : OF_THE_GROUP) {
                handle.invoke(null, signal.getConstructor(String.class).newInstance(name), ignore);
            }
        } catch (ReflectiveOperationException | RuntimeException notHere) {
            // As it is.
        }
    }
}
