package org.socketserver.api.internal;

import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Access to virtual threads (Java 21 and later) for code that is compiled for Java 17.
 *
 * <p>All methods may be called from any thread.
 */
public final class VirtualThreads {
    private static final @Nullable ThreadFactory FACTORY = factory();
    /** The JDK's class of virtual threads; null if there are none. */
    private static final @Nullable Class<?> TYPE =
            FACTORY == null ? null : FACTORY.newThread(() -> {}).getClass();

    private VirtualThreads() {}

    /**
     * Returns whether this JVM has virtual threads as a final feature.
     *
     * @return true on Java 21 and later
     */
    public static boolean available() {
        return FACTORY != null;
    }

    /**
     * Returns whether the caller runs on a virtual thread.
     *
     * @return false on a platform thread, and always if {@link #available()} is false
     */
    public static boolean isCurrent() {
        return Thread.currentThread().getClass() == TYPE;
    }

    /**
     * Creates a virtual thread, which is not started yet.
     *
     * @param name the name of the thread
     * @param work the task to run
     * @return the thread
     * @throws UnsupportedOperationException if {@link #available()} is false
     */
    public static Thread newThread(String name, Runnable work) {
        if (FACTORY == null) {
            throw new UnsupportedOperationException(
                    "Java " + Runtime.version().feature() + " has no virtual threads; they need Java 21 or later");
        }
        Thread thread = FACTORY.newThread(work);
        thread.setName(name);
        return thread;
    }

    /** Uses reflection once, and not for each thread. */
    private static @Nullable ThreadFactory factory() {
        // In Java 19 and 20 these methods are a preview and throw.
        if (Runtime.version().feature() < 21) {
            return null;
        }
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            return (ThreadFactory) Class.forName("java.lang.Thread$Builder")
                    .getMethod("factory")
                    .invoke(builder);
        } catch (ReflectiveOperationException absent) {
            return null;
        }
    }
}
