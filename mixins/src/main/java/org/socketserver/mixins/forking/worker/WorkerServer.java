package org.socketserver.mixins.forking.worker;

import java.io.DataInputStream;
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
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.FailureFormat;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;
import org.socketserver.mixins.forking.wire.Messages.Assignment;
import org.socketserver.mixins.forking.wire.Messages.Done;
import org.socketserver.mixins.forking.wire.Messages.Identity;
import org.socketserver.mixins.forking.wire.Messages.Start;

/**
 * A server whose requests come from its parent, one after another. It reports the end of each to the parent.
 *
 * <p>So a handler in a worker runs under the same template as in the server's process, with the same deadlines,
 * failures
 * and disconnects. {@code handleError} runs in the parent.
 */
final class WorkerServer extends BaseServer<Request> {
    private static final byte[] NO_REPLY = {};
    private static final long GOODBYE = TimeUnit.SECONDS.toNanos(1);
    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(2);

    private final Start start;
    private final ControlChannel control;
    private final Inbox inbox;
    private final Outbox outbox;
    private final ServerProxy proxy;
    private final Heartbeats heartbeats;

    private @Nullable Assignment next;
    private @Nullable Assignment current;
    private @Nullable Connection handled;
    private boolean failureThrown;
    /** True from the start of a request until its connection is closed. */
    private volatile boolean busy;

    private volatile @Nullable RelayedConnection relayed;

    @SuppressWarnings("this-escape") // Not used before the server serves.
    private WorkerServer(Start start, HandlerSource<Request> handlers, ControlChannel control) {
        // The parent looks for stuck requests.
        super(start.server().address(), handlers, start.options().stuckAfter(Duration.ZERO));
        this.start = start;
        this.control = control;
        inbox = new Inbox(control);
        outbox = new Outbox(control);
        proxy = new ServerProxy(start, outbox, this);
        heartbeats = new Heartbeats(control, start.options().stuckAfter());
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

    Heartbeats heartbeats() {
        return heartbeats;
    }

    /** Notifies the handler of a request that the server is stopping. */
    void stops(long number) {
        proxy.stops(number);
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
            Frame order = inbox.next();
            switch (order.type()) {
                case SERVER -> proxy.identity(Identity.read(order.open()));
                case REQUEST -> next = Assignment.read(order.open());
                default -> {
                    // A release that is no longer waited for.
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
        inbox.current(assigned.number());
        failureThrown = false;
        proxy.begins(assigned.number(), assigned.stopping());
        try {
            return request(assigned);
        } catch (IOException | RuntimeException notReceived) {
            outbox.send(
                    FrameType.DONE,
                    new Done(assigned.number(), RequestOutcome.FAILED, true, 0, 0, notReceived, NO_REPLY)::writeTo);
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
                        proxy,
                        assigned.maxReplySize(),
                        (bytes, target) -> reply(assigned.number(), bytes));
            case DESCRIPTOR ->
                connection(assigned, control.connection(assigned.local(), assigned.remote(), assigned.facts()));
            case RELAY -> {
                var connection = new RelayedConnection(inbox, outbox, assigned);
                relayed = connection;
                yield connection(assigned, connection);
            }
        };
    }

    private Request connection(Assignment assigned, Connection connection) {
        handled = connection;
        ConnectionRequest request = new ConnectionRequest(connection, proxy);
        assigned.deadlines().forEach(request::deadline);
        return request;
    }

    /** Ends the output, as servers for connections do, unless the close has the same effect. */
    @Override
    protected void shutdownRequest(Request request) {
        Connection peer = handled;
        handled = null;
        if (peer != null && request instanceof StreamRequest connection && !peer.isAllRead()) {
            try {
                connection.shutdownOutput();
            } catch (IOException closedOrGone) {
                // The client has disconnected.
            }
        }
        closeRequest(request);
    }

    private void reply(long number, ByteBuffer bytes) throws IOException {
        inbox.requireCurrent(number);
        byte[] packet = new byte[bytes.remaining()];
        bytes.get(packet);
        outbox.send(FrameType.REPLY, number, output -> output.write(packet));
        DataInputStream answer = inbox.answer(number).open();
        answer.readLong();
        Exception failure = FailureFormat.read(answer);
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
        heartbeats.begins(assigned.number(), task);
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
        heartbeats.ends();
        inbox.current(0);
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
            // Noticed when waiting for the next request.
        }
    }

    /** Returns the reply of the handler, which the parent sends. */
    private static byte[] reply(Request request) {
        if (!(request instanceof PacketRequest packet)) {
            return NO_REPLY;
        }
        ByteBuffer collected = packet.takeReply();
        byte[] reply = new byte[collected.remaining()];
        collected.get(reply);
        return reply;
    }

    /** Waits until the parent has returned the slot of the request, before the client can see the end. */
    private void awaitRelease() throws IOException {
        while (inbox.next().type() != FrameType.RELEASE) {
            // About an earlier request, or about the server.
        }
    }

    /** Waits at most 3 s until the last answers have reached their clients; called before the process exits. */
    void awaitLastAnswers() {
        long began = System.nanoTime();
        while (busy && System.nanoTime() - began < GOODBYE) {
            LockSupport.parkNanos(this, POLL);
        }
        awaitGoodbyes(proxy);
    }

    /** Only notes the failure: the parent handles it. */
    @Override
    protected void handleError(Request request, Throwable failure) {
        failureThrown = true;
    }

    /** Called when the client of a relayed connection has disconnected. */
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
