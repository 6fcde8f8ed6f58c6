package org.socketserver.mixins.worker;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.ConnectionRequest;
import org.socketserver.api.server.PacketRequest;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.wire.Assignment;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.Done;
import org.socketserver.mixins.wire.Frame;
import org.socketserver.mixins.wire.FrameType;
import org.socketserver.mixins.wire.Identity;
import org.socketserver.mixins.wire.OwnDeadlines;
import org.socketserver.mixins.wire.Reply;
import org.socketserver.mixins.wire.Setup;

/**
 * A server whose requests come from its parent, one after another, and which tells the parent what became of each.
 *
 * <p>So a handler in a worker runs under the same template as everywhere: its deadlines, its failures, its disconnects.
 * Errors are not handled here: {@code handleError} is the parent's.
 */
final class WorkerServer extends BaseServer<Request> {
    private static final ByteBuffer NO_REPLY = ByteBuffer.allocate(0);
    private static final long GOODBYE = TimeUnit.SECONDS.toNanos(1);
    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(2);

    private final Setup setup;
    private final ControlChannel control;
    private final Inbox inbox;
    private final Outbox outbox;
    private final WorkerView view;
    private final Pulse pulse;

    private @Nullable Assignment next;
    /** The last that came; most connections have none of their own. */
    private @Nullable OwnDeadlines deadlines;

    private @Nullable Assignment current;
    private @Nullable PeerConnection handled;
    private boolean failureThrown;
    /** True from the begin of a request until its goodbye is said. */
    private volatile boolean busy;

    private volatile @Nullable RelayedConnection relayed;

    @SuppressWarnings("this-escape") // Nobody calls anything before the server serves.
    private WorkerServer(Setup setup, HandlerSource<Request> handlers, ControlChannel control) {
        // The parent looks for stuck requests.
        super(
                setup.server().address(),
                handlers,
                setup.options().toBuilder().stuckAfter(Duration.ZERO).build());
        this.setup = setup;
        this.control = control;
        inbox = new Inbox(control);
        outbox = new Outbox(control);
        view = new WorkerView(setup, outbox, this);
        pulse = new Pulse(control, view, setup.options().stuckAfter());
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
        while (next == null) {
            Frame order = inbox.order();
            switch (order.type()) {
                case SERVER -> view.identity(Identity.read(order.open()));
                case DEADLINES -> deadlines = OwnDeadlines.read(order.open());
                case REQUEST -> next = Assignment.read(order.open());
                default -> {
                    // A release that nobody waits for.
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
        inbox.begins(assigned.number());
        failureThrown = false;
        view.stopping(assigned.stopping());
        try {
            return request(assigned);
        } catch (IOException | RuntimeException notReceived) {
            outbox.send(
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
                var connection =
                        new RelayedConnection(inbox, outbox, assigned.number(), assigned.local(), assigned.remote());
                relayed = connection;
                yield connection(assigned, connection);
            }
        };
    }

    private Request connection(Assignment assigned, Connection connection) {
        PeerConnection peer = new PeerConnection(connection, assigned.facts());
        handled = peer;
        ConnectionRequest request = new ConnectionRequest(peer, view);
        OwnDeadlines own = deadlines;
        if (own != null && own.number() == assigned.number()) {
            own.applyTo(request);
        }
        return request;
    }

    /** Ends the output as servers for connections do. Where the close has the same effect, the calls are saved. */
    @Override
    protected void shutdownRequest(Request request) {
        PeerConnection peer = handled;
        handled = null;
        if (peer != null && request instanceof StreamRequest connection && !peer.isAllRead()) {
            try {
                connection.shutdownOutput();
            } catch (IOException closedOrGone) {
                // Nobody is left to say goodbye to.
            }
        }
        closeRequest(request);
    }

    private void reply(long number, ByteBuffer bytes) throws IOException {
        inbox.requireCurrent(number);
        byte[] packet = new byte[bytes.remaining()];
        bytes.get(packet);
        outbox.send(FrameType.REPLY, number, output -> output.write(packet));
        Exception failure = Reply.read(inbox.answer(number).open()).failure();
        if (failure instanceof IOException known) {
            throw known;
        }
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    /** Runs the handler here, on the thread that waits for requests: a {@link HandlerThread}. */
    private void process(RequestTask task) {
        Assignment assigned = current;
        if (assigned == null) {
            throw new IllegalStateException("a request that the parent has not sent");
        }
        Thread.currentThread().setName(task.name());
        pulse.begins(assigned.number(), task);
        busy = true;
        task.onHandled(() -> handled(assigned, task));
        HandlerThread thread = HandlerThread.current();
        thread.exposed();
        task.run();
        thread.sheltered();
        busy = false;
    }

    private void handled(Assignment assigned, RequestTask task) {
        RequestEnd end = task.end();
        HandlerThread.current().sheltered();
        pulse.ends();
        inbox.ends();
        RelayedConnection connection = relayed;
        relayed = null;
        if (connection != null) {
            connection.done();
        }
        boolean thrown = failureThrown || end.outcome() == RequestOutcome.DISCONNECTED;
        Done done = new Done(
                assigned.number(),
                end.outcome(),
                thrown,
                end.bytesIn(),
                end.bytesOut(),
                end.failure().orElse(null),
                thrown ? NO_REPLY : reply(task.request()));
        try {
            outbox.send(FrameType.DONE, done::writeTo);
            if (assigned.awaitsRelease()) {
                awaitRelease();
            }
        } catch (IOException parentHasGone) {
            // Noticed at the next request, which can't come any more.
        }
    }

    /** Returns what the handler has collected for its reply, which the parent sends. */
    private static ByteBuffer reply(Request request) {
        return request instanceof PacketRequest packet ? packet.takeReply() : NO_REPLY;
    }

    /** Waits until the parent has given the place of the request back: the peer shall not know before. */
    private void awaitRelease() throws IOException {
        while (inbox.order().type() != FrameType.RELEASE) {
            // Of the request before, or news of the server.
        }
    }

    /** Waits until all that was said to peers has arrived, but for 3 s at most; for the end of the process. */
    void sayGoodbye() {
        long began = System.nanoTime();
        while (busy && System.nanoTime() - began < GOODBYE) {
            LockSupport.parkNanos(this, POLL);
        }
        awaitGoodbyes(view);
    }

    /** Does nothing but to remember it: the parent hears of it. */
    @Override
    protected void handleError(Request request, Throwable failure) {
        failureThrown = true;
    }

    /** The peer of a relayed connection has gone. */
    void lost(long number, String why) {
        RelayedConnection connection = relayed;
        if (connection != null && connection.number() == number) {
            connection.lost(why);
        }
    }

    /** Sends the stacks of all threads to the parent. */
    void sendStacks(long number) throws IOException {
        String stacks = Stacks.ofAllThreads();
        outbox.send(FrameType.STACKS, number, output -> output.write(stacks.getBytes(StandardCharsets.UTF_8)));
    }
}
