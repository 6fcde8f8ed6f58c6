package org.socketserver.api;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.System.Logger.Level;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.time.ZonedDateTime;
import org.socketserver.api.log.EventLog;

/**
 * Loads, soon after a server has begun to serve, what could not be loaded any more when the process lacks descriptors.
 *
 * <p>The JDK opens files on first use, and a class whose initialisation has failed for want of a descriptor stays broken for
 * the life of the JVM: the first log record needs the time zones ({@code tzdb.dat}) and the texts of the locale, the first
 * channel that is closed a pair of sockets ({@code sun.nio.ch.FileDispatcherImpl}), the first virtual thread that waits for a
 * socket the pollers (for which {@link VirtualThreads#prepare} is there), and each class its file where the class path has
 * folders.
 */
final class StartUp {
    private static boolean done;

    private StartUp() {}

    /**
     * Loads what a server and its mix-in will need. A class that can't be loaded is logged, and tried again when it is needed.
     *
     * @throws IOException if there is no descriptor for it now
     */
    static synchronized void prepare(Object server, Object mixIn) throws IOException {
        if (!done) {
            primeJdk();
            done = true;
        }
        for (Class<?> type = server.getClass(); type != null; type = type.getSuperclass()) {
            loadBeside(type);
        }
        loadBeside(mixIn.getClass());
        loadBeside(EventLog.class);
    }

    private static void loadBeside(Class<?> type) {
        EventLog.PROCESS.contained("start-up", () -> FolderClasses.loadBeside(type));
    }

    private static void primeJdk() throws IOException {
        SocketChannel.open().close();
        DatagramChannel.open().close();
        EventLog.PROCESS.prepare();
        // The default format of java.util.logging, with a stack; the JDK's own log handler does the same.
        String line =
                String.format("%1$tb %1$td, %1$tY %1$tl:%1$tM:%1$tS %1$Tp %2$s%n", ZonedDateTime.now(), Level.WARNING);
        new Throwable(line).printStackTrace(new PrintWriter(Writer.nullWriter()));
    }
}
