package org.socketserver.api.internal;

import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Virtual threads, where the running JVM has them (21 and later), for code that is compiled for Java 17.
 *
 * <p>The only place that asks the JVM. All methods may be called from any thread.
 */
public final class VirtualThreads {
    private static final @Nullable ThreadFactory FACTORY = factory();
    /** The JDK's own class for them; null where there are none. */
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
     * @return false on a platform thread, and always where {@link #available()} is false
     */
    public static boolean isCurrent() {
        return Thread.currentThread().getClass() == TYPE;
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
        if (FACTORY == null) {
            throw new UnsupportedOperationException(
                    "Java " + Runtime.version().feature() + " has no virtual threads; they need Java 21 or later");
        }
        Thread thread = FACTORY.newThread(work);
        thread.setName(name);
        return thread;
    }

    /** Two calls by reflection, once; none for a thread. */
    private static @Nullable ThreadFactory factory() {
        // In 19 and 20 these methods are a preview and throw.
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
