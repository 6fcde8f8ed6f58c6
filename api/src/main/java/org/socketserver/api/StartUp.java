package org.socketserver.api;

import java.io.PrintWriter;
import java.io.Writer;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.time.ZonedDateTime;

/**
 * Loads, once per JVM and before the first server binds, what could not be loaded any more when the process lacks
 * descriptors.
 *
 * <p>The JDK reads files on first use, and a class whose initialisation has failed for want of a descriptor stays broken for
 * the life of the JVM: the first log record needs the time zones ({@code tzdb.dat}) and the texts of the locale, the first
 * virtual thread that waits for a socket needs the pollers (for which {@link VirtualThreads#prepare} is there). And classes
 * are opened one by one where the class path has folders.
 */
final class StartUp {
    /** What is first needed when something fails. */
    private static final Class<?>[] LATE = {
        AcceptBackoff.class,
        AcceptFailure.class,
        AcceptFailureEvent.class,
        ConnectionAgeException.class,
        DatagramTooLongException.class,
        DatagramTruncatedEvent.class,
        DisconnectedException.class,
        Drain.class,
        FirstByteTimeoutException.class,
        IdleTimeoutException.class,
        LingeringClose.class,
        LiveRequest.class,
        ReadTimeoutException.class,
        Refusal.class,
        RequestTimeoutException.class,
        RequestWatch.class,
        ServerStats.class,
        ShutdownEvent.class,
        ShutdownReport.class,
        StuckRequestEvent.class,
        WriteTimeoutException.class,
    };

    private static boolean done;

    private StartUp() {}

    static synchronized void prepare() {
        if (!done) {
            done = true;
            ServerLog.contained("start-up", StartUp::load);
        }
    }

    private static void load() throws IllegalAccessException {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        for (Class<?> late : LATE) {
            lookup.ensureInitialized(late);
        }
        LingeringClose.INSTANCE.prepare();
        ServerLog.LOG.isLoggable(Level.WARNING);
        // The default format of java.util.logging, with a stack; the JDK's own log handler does the same.
        String line =
                String.format("%1$tb %1$td, %1$tY %1$tl:%1$tM:%1$tS %1$Tp %2$s%n", ZonedDateTime.now(), Level.WARNING);
        new Throwable(line).printStackTrace(new PrintWriter(Writer.nullWriter()));
    }
}
