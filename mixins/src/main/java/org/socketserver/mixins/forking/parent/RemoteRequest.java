package org.socketserver.mixins.forking.parent;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.Request;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.spi.PortableType;
import org.socketserver.api.spi.RemoteHandling;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.WorkerStartException;
import org.socketserver.mixins.forking.descriptor.DescriptorOutput.NoDescriptorException;
import org.socketserver.mixins.forking.wire.ControlChannel.Body;
import org.socketserver.mixins.forking.wire.FailureFormat;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;
import org.socketserver.mixins.forking.wire.Messages.Assignment;
import org.socketserver.mixins.forking.wire.Messages.Done;
import org.socketserver.mixins.forking.wire.Messages.Heartbeat;
import org.socketserver.mixins.forking.wire.Messages.Kind;
import org.socketserver.mixins.forking.wire.PortableValues;

/**
 * A request in a worker: sends it, follows its progress, and takes the place of its handler in this process.
 *
 * <p>The thread that assigns it calls {@link #send}. Once the first message about it has come, the worker's monitor
 * thread runs its task, and with it {@link #handle}.
 */
final class RemoteRequest implements RemoteHandling {
    /** How long a request may continue after its deadline, and how long the worker may take to send its stacks. */
    private static final long MARGIN = TimeUnit.SECONDS.toNanos(1);

    private static final int MAX_STACKS = 256 * 1024;
    private static final byte[] NOTHING = {};

    private final Worker worker;
    private final RequestTask task;
    private final long number;
    /** True once a thread has the right to run the task, or to give it to another worker. */
    private final AtomicBoolean taken = new AtomicBoolean();
    /** Held while the worker is killed for this request, and when the request becomes over. */
    private final Object ending = new Object();

    private volatile Heartbeat progress = Heartbeat.NONE;
    /** True if the worker has the request, or it is being sent. */
    private volatile boolean sent;
    /** Why the request could not be sent. */
    private volatile @Nullable Throwable unsendable;

    private volatile @Nullable Relay relay;
    /** The first message about the request, until {@link #handle} takes it. */
    private @Nullable Frame first;

    private volatile boolean over;
    private volatile boolean aborted;
    private volatile boolean drained;
    /** When a deadline expired, in ns; 0 before. */
    private volatile long expiredAt;

    private volatile long askedForStacksAt;

    RemoteRequest(Worker worker, RequestTask task, long number) {
        this.worker = worker;
        this.task = task;
        this.number = number;
    }

    /** Returns what stands in for a request that waits for a worker. */
    static RemoteRequest unassigned(Worker nobody, RequestTask task) {
        return new RemoteRequest(nobody, task, 0);
    }

    /** Fails a request that is assigned to no worker. */
    static void fail(Worker nobody, RequestTask task, String why) {
        RemoteRequest lost = unassigned(nobody, task);
        lost.unsendable = new WorkerStartException("no worker for the request: " + why, null);
        task.delegateTo(lost);
        task.run();
    }

    Worker worker() {
        return worker;
    }

    RequestTask task() {
        return task;
    }

    SocketAddress peer() {
        return task.request().clientAddress();
    }

    private WorkerPool pool() {
        return worker.pool();
    }

    private EventLog log() {
        return pool().log();
    }

    // Sending

    /**
     * Sends the request to the worker. Called by the thread that passes requests to the mix-in, or by the monitor for a
     * request that had to wait.
     *
     * @return true if the worker has it or has exited; false if it can't be sent, and {@link #handle} will throw
     */
    synchronized boolean send() {
        if (taken.get()) {
            // The worker has exited, and the monitor gives the request to another.
            return true;
        }
        try {
            task.delegateTo(this);
            // Set before the check, so that a stop that aborts the request either prevents this or kills the worker.
            sent = true;
            if (!aborted && expiredAt == 0) {
                assign();
                return true;
            }
        } catch (Worker.LostException lost) {
            // Its monitor notices, and gives the request to another.
            sent = false;
            return true;
        } catch (IOException | RuntimeException | Error failure) {
            unsendable = failure;
        }
        sent = false;
        return false;
    }

    private void assign() throws IOException {
        Optional<StreamRequest> connection = task.connection();
        if (connection.isEmpty()) {
            worker.send(FrameType.REQUEST, number, assignment(Kind.PACKET)::writeTo, null);
        } else if (!pool().settings().descriptors() || !handOver()) {
            relay = new Relay(worker, connection.get(), number, pool().readers());
            worker.send(FrameType.REQUEST, number, assignment(Kind.RELAY)::writeTo, null);
        }
    }

    /** Passes the connection; returns false if it has no channel or its descriptor is not available. */
    private boolean handOver() throws IOException {
        Optional<SocketChannel> channel = task.channel();
        if (channel.isEmpty()) {
            pool().handsOver(Kind.RELAY);
            return false;
        }
        try {
            worker.send(FrameType.REQUEST, number, assignment(Kind.DESCRIPTOR)::writeTo, channel.get());
        } catch (NoDescriptorException relayed) {
            log().log(Level.DEBUG, "relay", () -> task.name() + " is relayed: " + relayed.getMessage());
            return false;
        }
        detach();
        pool().handsOver(Kind.DESCRIPTOR);
        return true;
    }

    private Assignment assignment(Kind kind) {
        Request request = task.request();
        Optional<StreamRequest> connection = task.connection();
        Optional<DatagramRequest> packet = task.packet();
        return new Assignment(
                pool().identity(),
                kind,
                pool().host().isStopping(),
                request.serverAddress(),
                request.clientAddress(),
                connection.map(RemoteRequest::attributes).orElse(List.of()),
                connection.map(this::ownDeadlines).orElse(Map.of()),
                packet.map(DatagramRequest::isTruncated).orElse(false),
                packet.map(DatagramRequest::maxReplySize).orElse(0),
                packet.map(DatagramRequest::data).orElse(NOTHING));
    }

    private static List<Object> attributes(StreamRequest connection) {
        List<Object> attributes = new ArrayList<>();
        for (PortableType<?> type : PortableValues.attributeTypes()) {
            connection.attribute(type.type()).ifPresent(attributes::add);
        }
        return attributes;
    }

    /** Returns the deadlines that a hook has set for this connection: all that differ from the server's options. */
    private Map<Deadline, Duration> ownDeadlines(StreamRequest connection) {
        Map<Deadline, Duration> own = new EnumMap<>(Deadline.class);
        for (Deadline deadline : Assignment.SETTABLE) {
            Duration time = connection.deadline(deadline);
            if (!time.equals(pool().host().options().deadline(deadline))) {
                own.put(deadline, time);
            }
        }
        return own;
    }

    /** Returns whether the worker has the request. */
    boolean isSent() {
        return sent;
    }

    /**
     * Takes the right to run the task or to give it to another worker; returns true only for the first caller. Waits
     * while the request is being sent.
     */
    synchronized boolean take() {
        return taken.compareAndSet(false, true);
    }

    /**
     * Takes the right to run the task if a message is about this request, which shows that the worker has it. Does not
     * wait for the thread that sends the request, which may not get the processor back for a while.
     */
    boolean take(Frame frame) {
        if (frame.number() != number || !taken.compareAndSet(false, true)) {
            return false;
        }
        sent = true;
        first = frame;
        if (relay == null) {
            // The sending thread does so too, but maybe later.
            detach();
        }
        return true;
    }

    /** Closes this process's copy of a connection that was passed to the worker, unless it is closed already. */
    private void detach() {
        try {
            task.detach();
        } catch (IOException | RuntimeException failure) {
            log().log(Level.DEBUG, "detach failed", () -> task.name() + " was not detached cleanly: " + failure);
        }
    }

    /**
     * Returns whether the worker still has the request but no thread waits for it, because an override of a hook did
     * not call the handler.
     */
    boolean isGivenUp() {
        return sent && !over && (first == null || first.type() != FrameType.DONE);
    }

    // Receiving

    @Override
    public @Nullable DeadlineException handle() throws Exception {
        if (!sent) {
            throw whyNotSent();
        }
        Done done;
        try {
            done = awaitDone();
        } catch (Worker.LostException lost) {
            throw worker.death();
        } finally {
            synchronized (ending) {
                over = true;
            }
        }
        progress = new Heartbeat(false, done.bytesIn(), done.bytesOut(), List.of());
        if (relay != null) {
            relay.end();
        }
        Throwable failure = done.failure();
        if (failure instanceof DeadlineException deadline && !done.thrown()) {
            return deadline;
        }
        if (failure instanceof Exception thrown && done.thrown()) {
            throw thrown;
        }
        if (done.reply().length > 0) {
            // Sent by the server once the request no longer counts.
            task.request().output().write(done.reply());
        }
        return null;
    }

    private Exception whyNotSent() {
        Throwable why = unsendable;
        if (why instanceof Error failure) {
            throw failure;
        }
        return why instanceof Exception failure
                ? failure
                : new DisconnectedException("the request was over before a worker had it", null);
    }

    private Done awaitDone() throws Worker.LostException {
        while (true) {
            Frame frame = first != null ? first : worker.receive();
            first = null;
            try {
                if (frame.number() == number && frame.type() == FrameType.DONE) {
                    return Done.read(frame.open());
                }
                if (frame.number() == number) {
                    receive(frame);
                }
            } catch (IOException | RuntimeException malformed) {
                throw worker.malformed(malformed);
            }
        }
    }

    private void receive(Frame frame) throws IOException {
        switch (frame.type()) {
            case HEARTBEAT -> progress = Heartbeat.read(frame.open());
            case STACKS -> stacks(frame.payload());
            case REPLY -> reply(frame.payload());
            default -> {
                if (relay != null) {
                    relay.receive(frame);
                }
            }
        }
    }

    /** Logs what the worker was doing, and kills it. */
    private void stacks(byte[] text) {
        String stacks = new String(text, 0, Math.min(text.length, MAX_STACKS), StandardCharsets.UTF_8);
        log().block(
                        Level.WARNING,
                        "request took too long",
                        () -> task.name() + " took too long in " + worker + ", which is killed; its threads:\n"
                                + stacks);
        worker.kill("its request took too long");
    }

    /** Sends a packet for the handler, and answers with the failure, or null if it was sent. */
    private void reply(byte[] bytes) {
        Exception failure = null;
        try {
            DatagramRequest packet = task.packet().orElseThrow();
            packet.reply(ByteBuffer.wrap(bytes));
        } catch (IOException | RuntimeException notSent) {
            failure = notSent;
        }
        Exception answer = failure;
        worker.command(FrameType.REPLIED, number, output -> FailureFormat.write(output, answer));
    }

    /** Notifies the worker that the slot of the request was returned. */
    void release() {
        // Only a worker that has the descriptor could otherwise let the client see the end before.
        if (sent && pool().settings().descriptors()) {
            try {
                worker.send(FrameType.RELEASE, number, Body.NONE, null);
            } catch (IOException gone) {
                // Noticed by the monitor.
            }
        }
    }

    // Control and state

    @Override
    public void drain() {
        if (!drained && !over) {
            drained = true;
            worker.command(FrameType.DRAIN, number, Body.NONE);
        }
    }

    @Override
    public void expire(DeadlineException reason) {
        if (expiredAt == 0) {
            expiredAt = System.nanoTime();
        }
        pool().cancel(task);
    }

    @Override
    public void abort() {
        aborted = true;
        if (sent) {
            // Otherwise it is never sent.
            kill("the grace period was over");
        } else {
            pool().cancel(task);
        }
    }

    /** Kills the worker unless the request is over. */
    private void kill(String why) {
        synchronized (ending) {
            if (!over) {
                worker.kill(why);
            }
        }
        unblock();
    }

    /** Ends a write to a slow client when the request has to end: the monitor receives no messages meanwhile. */
    private void unblock() {
        Relay current = relay;
        if (current != null && !over && (aborted || expiredAt != 0)) {
            current.unblock();
        }
    }

    /** Returns whether the worker has finished the request or is lost. */
    boolean isOver() {
        return over;
    }

    /** Kills the worker if the request continues after its deadline. */
    void check(long now) {
        unblock();
        long expired = expiredAt;
        if (expired == 0 || over || now - expired < MARGIN) {
            return;
        }
        if (askedForStacksAt == 0) {
            askedForStacksAt = now;
            worker.command(FrameType.DUMP, number, Body.NONE);
        } else if (now - askedForStacksAt >= MARGIN) {
            kill("its request took too long, and it did not send its stacks");
        }
    }

    @Override
    public boolean isWaiting() {
        Relay current = relay;
        return !over && (progress.waiting() || (current != null && current.isWriting()));
    }

    @Override
    public long bytesIn() {
        return progress.bytesIn();
    }

    @Override
    public long bytesOut() {
        return progress.bytesOut();
    }

    @Override
    public String thread() {
        return number == 0 ? "" : worker.toString();
    }

    @Override
    public List<StackTraceElement> stack() {
        return progress.stack();
    }
}
