package org.socketserver.mixins.forking.worker;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.socketserver.mixins.forking.descriptor.DescriptorInput;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;
import org.socketserver.mixins.forking.wire.Messages.Hello;
import org.socketserver.mixins.forking.wire.Messages.Start;

/**
 * The main class of a worker process. Started by a parent only; its argument, the name of the server, is for whoever
 * lists processes.
 *
 * <p>Exit status: 0 when the parent needs it no more, 1 when it could not begin or has failed.
 */
public final class WorkerMain {
    private static final int MOST_CAUSES = 5;
    private static final long END_MILLIS = 1_000;

    private WorkerMain() {}

    /**
     * Runs a worker until its parent needs it no more.
     *
     * @throws IOException if what comes first is not what a parent sends
     */
    public static void main(String[] arguments) throws IOException {
        ControlChannel commands = CommandLoop.channel();
        // What a handler reads there must not be a command.
        System.setIn(InputStream.nullInputStream());
        Frame first = commands.receive();
        if (first == null) {
            System.err.println("this is started by a server with ForkingMixIn, and not by hand");
            System.exit(1);
            return;
        }
        Start start = Start.read(first.expect(FrameType.START).open());
        ignoreSignals();
        CommandLoop loop = new CommandLoop(commands, start.control());
        loop.start();
        // A thread that no interrupt of a handler can take from its parent; called main, as this one is.
        new HandlerThread(
                        () -> System.exit(run(start, loop)),
                        Thread.currentThread().getName())
                .start();
    }

    /**
     * Ignores the signals that go to a whole group of processes, as Ctrl-C in a terminal does: the parent gets them as
     * well, and decides; its workers have requests to finish. By reflection, since not every Java has {@code
     * jdk.unsupported}; there the signals end the worker.
     */
    private static void ignoreSignals() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Method handle = signal.getMethod("handle", signal, handler);
            InvocationHandler nothing = (proxy, method, arguments) -> null;
            Object ignore =
                    Proxy.newProxyInstance(WorkerMain.class.getClassLoader(), new Class<?>[] {handler}, nothing);
            for (String name : List.of("INT", "TERM", "HUP")) {
                handle.invoke(null, signal.getConstructor(String.class).newInstance(name), ignore);
            }
        } catch (ReflectiveOperationException | RuntimeException notHere) {
            // As it is.
        }
    }

    /** Returns the exit status. */
    private static int run(Start start, CommandLoop loop) {
        try (ControlChannel control = connect(start)) {
            WorkerServer server = prepare(start, control);
            if (server == null) {
                return 1;
            }
            loop.serves(server);
            control.send(FrameType.READY);
            server.serveForever();
            return 0;
        } catch (EOFException parentHasGone) {
            awaitEnd(loop);
            return 0;
        } catch (Throwable lost) {
            // If the parent has gone, this does not return.
            awaitEnd(loop);
            lost.printStackTrace();
            return 1;
        }
    }

    /** Makes the server; null if its handlers can't be made, which the parent was told then. */
    private static @Nullable WorkerServer prepare(Start start, ControlChannel control) throws IOException {
        try {
            WorkerServer server = WorkerServer.of(start, control);
            server.bind();
            return server;
        } catch (Throwable failure) {
            control.send(FrameType.REFUSED, reasons(failure));
            return null;
        }
    }

    /** Waits for the loop, which notices as well that the parent has gone, and tidies up. */
    private static void awaitEnd(CommandLoop loop) {
        try {
            loop.join(END_MILLIS);
        } catch (InterruptedException now) {
            Thread.currentThread().interrupt();
        }
    }

    private static ControlChannel connect(Start start) throws IOException {
        ByteChannel in = start.descriptors() ? Native.connect(start.control()) : connect(start.control());
        hello(start, in, true);
        SocketChannel out = connect(start.control());
        hello(start, out, false);
        return new ControlChannel(in, out);
    }

    private static SocketChannel connect(Path path) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    private static void hello(Start start, ByteChannel channel, boolean reads) throws IOException {
        Hello hello = new Hello(start.secret(), ProcessHandle.current().pid(), reads);
        new ControlChannel(channel, channel).send(FrameType.HELLO, hello::writeTo);
    }

    /** Returns a failure with its causes, because only they have the reason of a failed class initialization. */
    private static String reasons(Throwable failure) {
        StringBuilder text = new StringBuilder(failure.toString());
        Throwable cause = failure.getCause();
        for (int left = MOST_CAUSES; cause != null && left > 0; left--) {
            text.append("; the cause: ").append(cause);
            cause = cause.getCause();
        }
        return text.toString();
    }

    /** Where junixsocket is loaded, which takes long: only if descriptors will come. */
    private static final class Native {
        static ByteChannel connect(Path path) throws IOException {
            return DescriptorInput.connect(path);
        }
    }
}
