package org.socketserver.examples.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * Handles SIGTERM and SIGINT: the first one begins a stop, the second one ends the process at once, with the status
 * of a process that the signal killed (128 and its number).
 *
 * <p>A shutdown hook can't do that. The JVM, once it has begun to end because of a signal, exits with 143 or 130
 * whatever the hook finds out (only {@code halt} in the hook gets around that), and ignores a second signal while hooks
 * run. {@code sun.misc.Signal} of the module jdk.unsupported does both, on 17 as on 25; JEP 260 keeps it because there
 * is no replacement. It is called by reflection because javac warns of every mention, in a way that nothing can switch
 * off.
 *
 * <p>A signal that was ignored when the JVM started stays ignored: so does SIGINT for the background jobs of a shell
 * script.
 */
final class Signals {
    private Signals() {}

    /** From now on, calls one with the first signal, on a thread of its own, and the other with the second's status. */
    static void onStop(Runnable stop, IntConsumer end) {
        AtomicBoolean asked = new AtomicBoolean();
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Method number = signal.getMethod("getNumber");
            // Each signal comes on a thread of its own, so nothing that the first one began delays the second.
            InvocationHandler received = (proxy, method, args) -> {
                if (method.getName().equals("handle")) {
                    if (asked.getAndSet(true)) {
                        end.accept(128 + (int) number.invoke(args[0]));
                    }
                    stop.run();
                }
                return null;
            };
            Object proxy = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler}, received);
            for (String name : new String[] {"TERM", "INT"}) {
                Object instance = signal.getConstructor(String.class).newInstance(name);
                signal.getMethod("handle", signal, handler).invoke(null, instance, proxy);
            }
        } catch (ReflectiveOperationException notThisJvm) {
            // Without jdk.unsupported, or with -Xrs, the JVM's own way remains, at least with a stop.
            Runtime.getRuntime().addShutdownHook(new Thread(stop, "stop"));
        }
    }
}
