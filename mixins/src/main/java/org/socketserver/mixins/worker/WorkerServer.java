package org.socketserver.mixins.worker;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.BaseServer;
import org.socketserver.api.Connection;
import org.socketserver.api.ConnectionRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.PacketRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.RequestTask;
import org.socketserver.mixins.wire.Assignment;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.Done;
import org.socketserver.mixins.wire.Frame;
import org.socketserver.mixins.wire.FrameType;
import org.socketserver.mixins.wire.Identity;
import org.socketserver.mixins.wire.Reply;
import org.socketserver.mixins.wire.Setup;

/**
 * A server whose requests come from its parent, one after another, and which tells the parent what became of each.
 *
 * <p>So a handler in a worker runs under the same template as everywhere: its deadlines, its failures, its disconnects.
 * Errors are not handled here: {@code handleError} is the parent's.
 */
final class WorkerServer extends BaseServer<Request> {
    /** 128 and the number of SIGTERM. */
    private static final int TERMINATED = 143;

    private final Setup setup;
    private final ControlChannel control;
    private final ParentChannel parent;
    private final WorkerView view;
    private final Pulse pulse;

    private @Nullable Assignment next;
    private @Nullable Assignment current;
    private boolean failureThrown;
    private volatile @Nullable RelayedConnection relayed;
    /** True while it waits for a request. */
    private volatile boolean idle;

    private volatile boolean leaving;
    private boolean leaveTold;

    @SuppressWarnings("this-escape") // Nobody calls anything before the server serves.
    private WorkerServer(Setup setup, HandlerSource<Request> handlers, ControlChannel control) {
        // The parent looks for stuck requests.
        super(
                setup.server().address(),
                handlers,
                setup.options().toBuilder().stuckAfter(Duration.ZERO).build());
        this.setup = setup;
        this.control = control;
        parent = new ParentChannel(control);
        view = new WorkerView(setup, control, this);
        pulse = new Pulse(control, view);
        mixIn(this::process);
    }

    /** Makes the server of a worker; throws what keeps its handlers from being made. */
    @SuppressWarnings("unchecked") // The parent has such a handler for such requests.
    static WorkerServer of(Setup setup, ControlChannel control) throws ReflectiveOperationException {
        Class<?> type =
                Class.forName(setup.handlerClass(), true, Thread.currentThread().getContextClassLoader());
        HandlerSource<Request> handlers =
                HandlerSource.ofClass((Class<? extends RequestHandler<Request>>) type.asSubclass(RequestHandler.class));
        return new WorkerServer(setup, handlers, control);
    }

    Pulse pulse() {
        return pulse;
    }

    @Override
    public String name() {
        return view.name();
    }

    @Override
    public String transport() {
        return setup.transport();
    }

    @Override
    protected SocketAddress serverBind() {
        pulse.start();
        return setup.server().address();
    }

    @Override
    protected void serverClose() {}

    /** Does nothing: only the end of the process ends its waiting. */
    @Override
    protected void wakeupTransport() {}

    /** Waits for a request, however long that takes. */
    @Override
    protected boolean awaitReady(long millis) throws IOException {
        idle = true;
        // Each side announces itself before it looks: a signal is heard here, or finds this idle.
        if (leaving && !leaveTold) {
            System.exit(TERMINATED);
        }
        while (next == null) {
            Frame frame = control.receive();
            if (frame == null) {
                throw new EOFException("the server has gone");
            }
            switch (frame.type()) {
                case PING -> control.send(FrameType.PONG);
                case SERVER -> view.identity(Identity.read(frame.open()));
                case REQUEST -> {
                    idle = false;
                    next = Assignment.read(frame.open());
                }
                default -> {
                    // An answer that came too late for the request before.
                }
            }
        }
        return true;
    }

    @Override
    protected @Nullable Request getRequest() throws IOException {
        Assignment assigned = next;
        next = null;
        if (assigned == null) {
            return null;
        }
        current = assigned;
        failureThrown = false;
        view.stopping(assigned.stopping());
        try {
            return request(assigned);
        } catch (IOException notReceived) {
            control.send(
                    FrameType.DONE,
                    new Done(assigned.number(), RequestOutcome.FAILED, true, 0, 0, notReceived)::writeTo);
            return null;
        }
    }

    private Request request(Assignment assigned) throws IOException {
        return switch (assigned.kind()) {
            case PACKET ->
                new PacketRequest(
                        assigned.data(),
                        assigned.truncated(),
                        assigned.remote(),
                        view,
                        assigned.maxReplySize(),
                        (bytes, target) -> reply(assigned.number(), bytes));
            case DESCRIPTOR -> connection(assigned, control.connection(assigned.local(), assigned.remote()));
            case RELAY -> {
                var connection = new RelayedConnection(parent, assigned.number(), assigned.local(), assigned.remote());
                relayed = connection;
                yield connection(assigned, connection);
            }
        };
    }

    private Request connection(Assignment assigned, Connection connection) {
        return new ConnectionRequest(new PeerConnection(connection, assigned.facts()), view);
    }

    private void reply(long number, ByteBuffer bytes) throws IOException {
        byte[] packet = new byte[bytes.remaining()];
        bytes.get(packet);
        parent.send(FrameType.REPLY, number, output -> output.write(packet));
        Exception failure =
                Reply.read(parent.answer(number, FrameType.REPLIED).open()).failure();
        if (failure instanceof IOException known) {
            throw known;
        }
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    /** Runs the handler here, on the thread that waits for requests. */
    private void process(RequestTask task) {
        Assignment assigned = current;
        if (assigned == null) {
            throw new IllegalStateException("a request that the parent has not sent");
        }
        Thread.currentThread().setName(task.name());
        pulse.begins(assigned.number(), task.request());
        task.onHandled(() -> handled(assigned.number(), task.end()));
        task.run();
    }

    private void handled(long number, RequestEnd end) {
        pulse.ends();
        RelayedConnection connection = relayed;
        relayed = null;
        if (connection != null) {
            connection.done();
        }
        boolean thrown = failureThrown || end.outcome() == RequestOutcome.DISCONNECTED;
        Done done = new Done(
                number,
                end.outcome(),
                thrown,
                end.bytesIn(),
                end.bytesOut(),
                end.failure().orElse(null));
        try {
            if (leaving) {
                leaveTold = true;
                control.send(FrameType.LEAVING);
            }
            control.send(FrameType.DONE, done::writeTo);
        } catch (IOException parentHasGone) {
            // Noticed at the next request, which can't come any more.
        }
    }

    /** Does nothing but to remember it: the parent hears of it. */
    @Override
    protected void handleError(Request request, Throwable failure) {
        failureThrown = true;
    }

    /** Ends the process when its request is over; at once if it has none. */
    void leave() {
        leaving = true;
        if (idle) {
            System.exit(TERMINATED);
        }
    }

    /** The peer of a relayed connection has gone. */
    void lost(long number, String why) {
        RelayedConnection connection = relayed;
        if (connection != null && connection.number() == number) {
            connection.lost(why);
        }
    }

    /** Tells the parent what all threads are doing. */
    void sendStacks() throws IOException {
        control.send(FrameType.STACKS, Stacks.ofAllThreads());
    }
}
