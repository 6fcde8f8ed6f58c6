package org.socketserver.mixins.worker;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Signals of a worker. Ctrl-C in a terminal goes to every process of its group, and what stops a service may signal all of
 * them too; when workers end is the server's decision, so that requests have their grace.
 *
 * <p>{@code sun.misc.Signal} is called by reflection because javac warns of every mention. Where the module jdk.unsupported is
 * missing, or with {@code -Xrs}, signals do what they always do.
 */
final class Signals {
    private Signals() {}

    /** From now on a signal, such as {@code INT}, has this effect only, on a thread of its own. */
    static void on(String name, Runnable effect) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler heard = (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    effect.run();
                }
                return null;
            };
            signal.getMethod("handle", signal, handler)
                    .invoke(
                            null,
                            signal.getConstructor(String.class).newInstance(name),
                            Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, heard));
        } catch (ReflectiveOperationException notInThisJvm) {
            // It ends the worker, which costs its request and nothing else.
        }
    }
}
