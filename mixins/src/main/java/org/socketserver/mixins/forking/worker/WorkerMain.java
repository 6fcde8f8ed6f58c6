package org.socketserver.mixins.forking.worker;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.UnixDomainSocketAddress;
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
 * The main class of a worker process, which a parent starts. Its argument, the name of the server, is shown in the list
 * of processes.
 *
 * <p>Exit status: 0 if the parent no longer needs it, 1 if it could not start or has failed.
 */
public final class WorkerMain {
    private static final int MAX_CAUSES = 5;
    private static final long END_MILLIS = 1_000;

    private WorkerMain() {}

    /**
     * Runs a worker until its parent no longer needs it.
     *
     * @throws IOException if the first message is not from a parent
     */
    public static void main(String[] arguments) throws IOException {
        ControlChannel commands = new ControlChannel(System.in, OutputStream.nullOutputStream());
        // Otherwise a handler could read commands.
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
        // A thread whose interrupts do not close the channel to the parent, with the name of this one.
        new HandlerThread(
                        () -> System.exit(run(start, loop)),
                        Thread.currentThread().getName())
                .start();
    }

    /**
     * Ignores signals that are sent to a whole process group, for example by Ctrl-C in a terminal: the parent gets them
     * too and decides, while its workers finish their requests. Uses reflection, because not every Java has {@code
     * jdk.unsupported}. Without it, the signals end the worker.
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
            // Signals end this worker.
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
            control.send(FrameType.READY, 0, ControlChannel.Body.NONE);
            server.serveForever();
            return 0;
        } catch (EOFException parentHasGone) {
            awaitEnd(loop);
            return 0;
        } catch (Throwable lost) {
            // If the parent has exited, this does not return.
            awaitEnd(loop);
            lost.printStackTrace();
            return 1;
        }
    }

    /** Creates the server; returns null if its handlers can't be created, after sending the reason to the parent. */
    private static @Nullable WorkerServer prepare(Start start, ControlChannel control) throws IOException {
        try {
            WorkerServer server = WorkerServer.of(start, control);
            server.bind();
            return server;
        } catch (Throwable failure) {
            control.send(FrameType.REFUSED, 0, ControlChannel.Body.text(reasons(failure)));
            return null;
        }
    }

    /** Waits for the loop, which also notices that the parent has exited, and cleans up. */
    private static void awaitEnd(CommandLoop loop) {
        try {
            loop.join(END_MILLIS);
        } catch (InterruptedException now) {
            Thread.currentThread().interrupt();
        }
    }

    private static ControlChannel connect(Start start) throws IOException {
        // junixsocket, which takes long to load, is loaded only if descriptors are passed.
        ControlChannel control =
                start.descriptors() ? overDescriptors(start.control()) : ControlChannel.over(connect(start.control()));
        greet(start, control);
        SocketChannel out = connect(start.control());
        greet(start, ControlChannel.over(out));
        control.sendOver(new UninterruptibleOutput(out));
        return control;
    }

    private static ControlChannel overDescriptors(Path path) throws IOException {
        DescriptorInput input = DescriptorInput.connect(path);
        return new ControlChannel(input, input.output());
    }

    private static SocketChannel connect(Path path) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    private static void greet(Start start, ControlChannel channel) throws IOException {
        channel.send(
                FrameType.HELLO,
                0,
                new Hello(start.secret(), ProcessHandle.current().pid())::writeTo);
    }

    /** Returns a failure with its causes: the reason of an ExceptionInInitializerError is only there. */
    private static String reasons(Throwable failure) {
        StringBuilder text = new StringBuilder(failure.toString());
        Throwable cause = failure.getCause();
        for (int left = MAX_CAUSES; cause != null && left > 0; left--) {
            text.append("; the cause: ").append(cause);
            cause = cause.getCause();
        }
        return text.toString();
    }
}
