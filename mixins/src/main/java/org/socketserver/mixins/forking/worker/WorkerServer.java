package org.socketserver.mixins.forking.worker;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.ConnectionRequest;
import org.socketserver.api.server.PacketRequest;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.ControlChannel.Body;
import org.socketserver.mixins.forking.wire.FailureFormat;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;
import org.socketserver.mixins.forking.wire.Messages.Assignment;
import org.socketserver.mixins.forking.wire.Messages.Done;
import org.socketserver.mixins.forking.wire.Messages.Start;

/**
 * A server whose requests come from its parent, one after another. It reports the end of each to the parent.
 *
 * <p>So a handler in a worker runs under the same template as in the server's process, with the same deadlines,
 * failures and disconnects. {@code handleError} runs in the parent.
 */
final class WorkerServer extends BaseServer<Request> {
    private static final byte[] NO_REPLY = {};
    private static final long LAST_REQUEST = TimeUnit.SECONDS.toNanos(1);
    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(2);

    private final Start start;
    private final ControlChannel control;
    private final ServerProxy proxy;
    private final Heartbeats heartbeats;

    /** The next request; null if it has not come. */
    private @Nullable Assignment next;

    private volatile CurrentRequest current;
    /** The connection of the current request; null if it is a packet. */
    private @Nullable Connection peer;

    private boolean failureThrown;
    /** True from the start of a request until its connection is closed. */
    private volatile boolean busy;

    @SuppressWarnings("this-escape") // Not used before the server serves.
    private WorkerServer(Start start, HandlerSource<Request> handlers, ControlChannel control) {
        // The parent looks for stuck requests, and decides when a worker ends.
        super(
                start.server().address(),
                handlers,
                start.options().stuckAfter(Duration.ZERO).shutdownHook(false));
        this.start = start;
        this.control = control;
        current = new CurrentRequest(control, 0);
        proxy = new ServerProxy(start, control, this);
        heartbeats = new Heartbeats(control, this::current, start.options().stuckAfter());
        mixIn(this::process);
    }

    /** Creates the server of a worker; throws if its handlers can't be created. */
    @SuppressWarnings("unchecked") // The parent has such a handler for such requests.
    static WorkerServer of(Start start, ControlChannel control) throws ReflectiveOperationException {
        Class<?> type =
                Class.forName(start.handlerClass(), true, Thread.currentThread().getContextClassLoader());
        HandlerSource<Request> handlers =
                HandlerSource.ofClass((Class<? extends RequestHandler<Request>>) type.asSubclass(RequestHandler.class));
        return new WorkerServer(start, handlers, control);
    }

    /** Returns the current request, or the last one. */
    CurrentRequest current() {
        return current;
    }

    /** Executes a command of the parent; called by any thread, whatever the handler is doing. */
    void execute(Frame command) throws IOException {
        switch (command.type()) {
            case DRAIN -> {
                proxy.stops(command.number());
                heartbeats.drain(command.number());
            }
            case DUMP -> control.send(FrameType.STACKS, command.number(), Body.text(Stacks.ofAllThreads()));
            case DATA, READ_FAILED, LOST, REPLIED -> {
                CurrentRequest asking = current;
                if (asking.number() == command.number()) {
                    asking.receive(command);
                }
            }
            default -> throw new ProtocolException("a message " + command.type() + " is no command");
        }
    }

    @Override
    public String name() {
        return proxy.name();
    }

    @Override
    public String transport() {
        return start.transport();
    }

    @Override
    protected SocketAddress serverBind() {
        heartbeats.start();
        return start.server().address();
    }

    @Override
    protected void serverClose() {}

    /** Does nothing: only the end of the process ends its waiting. */
    @Override
    protected void wakeupTransport() {}

    /** Waits for a request, however long that takes. */
    @Override
    protected boolean awaitReady(long millis) throws IOException {
        while (next == null) {
            Frame frame = receive();
            // Otherwise a release that is no longer waited for.
            if (frame.type() == FrameType.REQUEST) {
                current = new CurrentRequest(control, frame.number());
                next = assignment(frame);
            }
        }
        return true;
    }

    /** An exception ends the worker, because the descriptor that came with the message can't be matched any more. */
    private static Assignment assignment(Frame frame) throws IOException {
        try {
            return Assignment.read(frame.open());
        } catch (RuntimeException failure) {
            throw new IOException("the request can't be read: " + failure, failure);
        }
    }

    /** Receives a message. Called only by the thread of the handlers, while no handler runs. */
    private Frame receive() throws IOException {
        Frame frame = control.receive();
        if (frame == null) {
            throw new EOFException("the server has exited");
        }
        return frame;
    }

    @Override
    protected @Nullable Request getRequest() throws IOException {
        Assignment assigned = next;
        next = null;
        if (assigned == null) {
            return null;
        }
        failureThrown = false;
        peer = null;
        try {
            proxy.begins(current.number(), assigned);
            return request(assigned);
        } catch (Throwable notReceived) {
            Done failed = new Done(RequestOutcome.FAILED, true, 0, 0, notReceived, NO_REPLY);
            control.send(FrameType.DONE, current.number(), failed::writeTo);
            if (peer != null) {
                peer.close();
            }
            return null;
        }
    }

    private Request request(Assignment assigned) throws IOException {
        return switch (assigned.kind()) {
            case PACKET -> packet(assigned, current);
            case DESCRIPTOR ->
                connection(assigned, control.connection(assigned.local(), assigned.remote(), assigned.attributes()));
            case RELAY -> connection(assigned, new RelayedConnection(current, assigned));
        };
    }

    private Request packet(Assignment assigned, CurrentRequest request) {
        return new PacketRequest(
                assigned.data(),
                assigned.truncated(),
                assigned.remote(),
                proxy,
                assigned.maxReplySize(),
                (bytes, target) -> reply(request, bytes));
    }

    private Request connection(Assignment assigned, Connection received) {
        peer = received;
        ConnectionRequest connection = new ConnectionRequest(received, proxy);
        assigned.deadlines().forEach(connection::deadline);
        return connection;
    }

    /** Ends the output, as servers for connections do, unless the close has the same effect. */
    @Override
    protected void shutdownRequest(Request request) {
        if (peer != null
                && request instanceof ConnectionRequest connection
                && (connection.hasLayers() || !peer.isAllRead())) {
            endOutput(connection);
        }
        closeRequest(request);
    }

    private static void endOutput(ConnectionRequest connection) {
        try {
            connection.shutdownOutput();
        } catch (IOException closedOrGone) {
            // The client has disconnected.
        }
    }

    /** Asks the parent to send a packet; called by threads of the handler. */
    private static void reply(CurrentRequest request, ByteBuffer bytes) throws IOException {
        byte[] reply = bytes(bytes);
        Frame answer = request.ask(FrameType.REPLY, output -> output.write(reply));
        Exception failure = FailureFormat.read(answer.open());
        if (failure instanceof IOException known) {
            throw known;
        }
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** Runs the handler here, on the thread that waits for requests: a {@link HandlerThread}. */
    private void process(RequestTask task) {
        Thread.currentThread().setName(task.name());
        current.begins(task);
        busy = true;
        task.onHandled(() -> handled(task));
        HandlerThread thread = HandlerThread.current();
        thread.exposed();
        task.run();
        thread.sheltered();
        busy = false;
    }

    /** Reports the end of the request. If the client could see it, waits until the parent has returned the slot. */
    private void handled(RequestTask task) {
        RequestEnd end = task.result();
        HandlerThread.current().sheltered();
        if (!start.descriptors() && task.request() instanceof ConnectionRequest connection && connection.hasLayers()) {
            // Later, nothing that the layer writes would be relayed.
            endOutput(connection);
        }
        current.ends();
        // Its input was too much for this process, and the connection was closed.
        boolean ended = end.outcome() == RequestOutcome.ABORTED;
        boolean thrown = failureThrown || ended || end.outcome() == RequestOutcome.DISCONNECTED;
        Throwable failure = ended
                ? new DisconnectedException("the client made the worker hold too much memory", null)
                : end.failure().orElse(null);
        Done done = new Done(
                end.outcome(),
                thrown,
                end.bytesIn(),
                end.bytesOut(),
                failure,
                !thrown && task.request() instanceof PacketRequest packet ? bytes(packet.takeReply()) : NO_REPLY);
        try {
            control.send(FrameType.DONE, current.number(), done::writeTo);
            while (start.descriptors() && receive().type() != FrameType.RELEASE) {
                // About an earlier request.
            }
        } catch (IOException parentHasGone) {
            // Noticed when waiting for the next request.
        }
    }

    /**
     * Waits until the last request has ended, at most 1 s, and then for its lingering connection. Called before the
     * process exits.
     */
    void awaitLastAnswers() {
        long began = System.nanoTime();
        while (busy && System.nanoTime() - began < LAST_REQUEST) {
            LockSupport.parkNanos(this, POLL);
        }
        awaitLingering(proxy);
    }

    /** Only notes the failure: the parent handles it. */
    @Override
    protected void handleError(Request request, Throwable failure) {
        failureThrown = true;
    }
}
