package org.socketserver.mixins.worker;

import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.socketserver.mixins.descriptor.DescriptorLink;
import org.socketserver.mixins.wire.ChannelLink;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.Frame;
import org.socketserver.mixins.wire.FrameType;
import org.socketserver.mixins.wire.Hello;
import org.socketserver.mixins.wire.Link;
import org.socketserver.mixins.wire.LinkPair;
import org.socketserver.mixins.wire.Order;
import org.socketserver.mixins.wire.PipeLink;
import org.socketserver.mixins.wire.Setup;

/**
 * The main class of a worker process. Started by a parent only; its argument, the name of the server, is for whoever
 * lists processes.
 *
 * <p>Exit status: 0 when the parent needs it no more, 1 when it could not begin.
 */
public final class WorkerMain {
    private static final int MOST_CAUSES = 5;
    private static final long END_MILLIS = 1_000;

    private WorkerMain() {}

    /**
     * Runs a worker until its parent needs it no more.
     *
     * @param arguments not used
     * @throws IOException if the parent can't be reached
     */
    public static void main(String[] arguments) throws IOException {
        ControlChannel orders = new ControlChannel(PipeLink.of(new FileInputStream(FileDescriptor.in)));
        // What a handler reads there must not be an order.
        System.setIn(InputStream.nullInputStream());
        Frame first = orders.receive();
        if (first == null) {
            System.err.println("this is started by a server with ForkingMixIn, and not by hand");
            System.exit(1);
            return;
        }
        Order order = Order.read(first.expect(FrameType.START).open());
        Signals.ignoreThoseOfTheGroup();
        Orders obeyed = new Orders(orders, order);
        obeyed.start();
        try (ControlChannel control = connect(order)) {
            WorkerServer server = prepare(control);
            if (server == null) {
                System.exit(1);
                return;
            }
            obeyed.serves(server);
            control.send(FrameType.READY);
            serve(server);
        } catch (EOFException parentHasGone) {
            awaitEnd(obeyed);
        } catch (IOException lost) {
            // If the parent has gone, this does not return.
            awaitEnd(obeyed);
            throw lost;
        }
        System.exit(0);
    }

    /**
     * Serves on a thread that no interrupt of a handler can take from its parent; it is called main, as this one is.
     */
    private static void serve(WorkerServer server) throws IOException {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        HandlerThread serving = new HandlerThread(
                () -> {
                    try {
                        server.serveForever();
                    } catch (Throwable thrown) {
                        failure.set(thrown);
                    }
                },
                Thread.currentThread().getName());
        serving.start();
        while (serving.isAlive()) {
            try {
                serving.join();
            } catch (InterruptedException goOn) {
                // By a handler that has found this thread: it is not the one that it wants.
            }
        }
        Throwable thrown = failure.get();
        if (thrown instanceof IOException lost) {
            throw lost;
        }
        if (thrown != null) {
            throw new IOException("the worker failed: " + thrown, thrown);
        }
    }

    /** Not needed any more: whoever obeys the parent notices too, and has to tidy up. */
    private static void awaitEnd(Orders obeyed) {
        try {
            obeyed.join(END_MILLIS);
        } catch (InterruptedException now) {
            Thread.currentThread().interrupt();
        }
    }

    private static ControlChannel connect(Order order) throws IOException {
        return new ControlChannel(new LinkPair(connect(order, true), connect(order, false)));
    }

    private static Link connect(Order order, boolean reads) throws IOException {
        Link link = order.descriptors() ? Native.connect(order.control()) : connect(order.control());
        long pid = ProcessHandle.current().pid();
        new ControlChannel(link).send(FrameType.HELLO, new Hello(order.secret(), pid, reads)::writeTo);
        return link;
    }

    private static Link connect(Path path) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(path));
        return new ChannelLink(channel);
    }

    /** Makes the server; null if its handlers can't be made, which the parent was told then. */
    private static @Nullable WorkerServer prepare(ControlChannel control) throws IOException {
        Frame frame = control.receive();
        if (frame == null) {
            return null;
        }
        try {
            Setup setup = Setup.read(frame.expect(FrameType.SETUP).open());
            WorkerServer server = WorkerServer.of(setup, control);
            server.bind();
            return server;
        } catch (Throwable failure) {
            control.send(FrameType.REFUSED, reasons(failure));
            return null;
        }
    }

    /** What was thrown, and why: an error at the initialisation of a class tells only by its cause what it was. */
    private static String reasons(Throwable failure) {
        StringBuilder text = new StringBuilder(failure.toString());
        Throwable cause = failure.getCause();
        for (int left = MOST_CAUSES; cause != null && left > 0; left--) {
            text.append("; the cause: ").append(cause);
            cause = cause.getCause();
        }
        return text.toString();
    }

    /** Where junixsocket is loaded, which takes long: only if descriptors shall come. */
    private static final class Native {
        static DescriptorLink connect(Path path) throws IOException {
            return DescriptorLink.connect(path);
        }
    }
}
