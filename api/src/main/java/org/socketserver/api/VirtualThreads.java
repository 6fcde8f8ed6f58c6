package org.socketserver.api;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * Virtual threads, where the running JVM has them (21 and later), for code that is compiled for Java 17.
 *
 * <p>The only place that asks the JVM. All methods may be called from any thread.
 */
public final class VirtualThreads {
    private static final @Nullable MethodHandle IS_VIRTUAL = isVirtual();
    private static final @Nullable MethodHandle START = starter();

    private VirtualThreads() {}

    /**
     * Tells whether this JVM has virtual threads as a final feature.
     *
     * @return true on Java 21 and later
     */
    public static boolean available() {
        return START != null;
    }

    /**
     * Tells whether the caller runs on a virtual thread.
     *
     * @return false on a platform thread, and always where {@link #available()} is false
     */
    public static boolean isCurrent() {
        if (IS_VIRTUAL == null) {
            return false;
        }
        try {
            return (boolean) IS_VIRTUAL.invokeExact(Thread.currentThread());
        } catch (Throwable never) {
            throw new LinkageError("Thread.isVirtual", never);
        }
    }

    /**
     * Makes a virtual thread that has not started yet.
     *
     * @param name name of the thread
     * @param work what it runs
     * @return the thread
     * @throws UnsupportedOperationException where {@link #available()} is false
     */
    public static Thread newThread(String name, Runnable work) {
        if (START == null) {
            throw new UnsupportedOperationException(
                    "Java " + Runtime.version().feature() + " has no virtual threads; they need Java 21 or later");
        }
        try {
            return (Thread) START.invoke(name, work);
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable never) {
            throw new LinkageError("Thread.ofVirtual", never);
        }
    }

    /**
     * Makes virtual threads wait for a socket once, so that what the JDK needs for that is there: if the first to wait did so
     * while the process lacks descriptors, {@code sun.nio.ch.Poller} would stay broken for the life of the JVM, and every
     * later wait would throw {@link NoClassDefFoundError}. Takes some milliseconds the first time, nothing later.
     *
     * <p>Does nothing where {@link #available()} is false.
     *
     * @return true when it is there; false if no virtual thread came to wait within some milliseconds, because others keep all
     *     carriers busy, or the caller was interrupted: to be called again
     * @throws IOException if there are no descriptors for it now
     */
    public static boolean prepare() throws IOException {
        return START == null || PollerStart.once(work -> newThread("socketserver-start-up", work));
    }

    private static @Nullable MethodHandle isVirtual() {
        // In 19 and 20 these methods are a preview and throw.
        if (Runtime.version().feature() < 21) {
            return null;
        }
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (ReflectiveOperationException absent) {
            return null;
        }
    }

    /** Puts {@code Thread.ofVirtual().name(name).unstarted(work)} together; null where the JVM has no such methods. */
    private static @Nullable MethodHandle starter() {
        if (IS_VIRTUAL == null) {
            return null;
        }
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> builder = Class.forName("java.lang.Thread$Builder");
            Class<?> ofVirtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
            MethodHandle create = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(ofVirtual));
            MethodHandle name = lookup.findVirtual(builder, "name", MethodType.methodType(builder, String.class));
            MethodHandle unstarted =
                    lookup.findVirtual(builder, "unstarted", MethodType.methodType(Thread.class, Runnable.class));
            MethodHandle named =
                    MethodHandles.foldArguments(name.asType(name.type().changeParameterType(0, ofVirtual)), create);
            return MethodHandles.filterArguments(unstarted, 0, named);
        } catch (ReflectiveOperationException absent) {
            return null;
        }
    }
}
