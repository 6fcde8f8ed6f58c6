package org.socketserver.examples.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * Handles SIGTERM and SIGINT: the first signal begins a stop, the second ends the process at once, with the exit status
 * of a process killed by that signal (128 + its number).
 *
 * <p>A shutdown hook cannot do that. After a signal, the JVM exits with 143 or 130 whatever the hook does, unless it
 * calls {@code halt}, and ignores a second signal while hooks run. {@code sun.misc.Signal} in the module
 * jdk.unsupported has no such limits; JEP 260 keeps it because there is no replacement. It is called by reflection,
 * because javac prints a warning for every use, which cannot be suppressed.
 *
 * <p>A signal that was ignored when the JVM started stays ignored, for example SIGINT in background jobs of a shell
 * script.
 */
final class Signals {
    private Signals() {}

    /** Calls {@code stop} at the first signal and {@code end} with the exit status at the second. */
    static void onStop(Runnable stop, IntConsumer end) {
        AtomicBoolean asked = new AtomicBoolean();
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Method number = signal.getMethod("getNumber");
            // The JVM delivers each signal on a new thread, so the first does not delay the second.
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
            // Without jdk.unsupported or with -Xrs: at least stop in a shutdown hook.
            Runtime.getRuntime().addShutdownHook(new Thread(stop, "stop"));
        }
    }
}
