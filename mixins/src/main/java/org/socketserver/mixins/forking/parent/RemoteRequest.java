package org.socketserver.mixins.forking.parent;

import java.io.DataInputStream;
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
import java.util.concurrent.CompletableFuture;
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
 * <p>The thread that assigns it calls {@link #send}; the worker's monitor thread runs its task, and with it {@link
 * #handle}, once the first message about it has come.
 */
final class RemoteRequest implements RemoteHandling {
    /** How long a request may continue after its deadline, and how long the worker may take to send its stacks. */
    private static final long MARGIN = TimeUnit.SECONDS.toNanos(1);

    private static final int LONGEST_STACKS = 256 * 1024;
    private static final byte[] NOTHING = {};

    private final Worker worker;
    private final RequestTask task;
    private final long number;
    private final AtomicBoolean claimed = new AtomicBoolean();
    /** Complete once {@link #send} has ended. */
    private final CompletableFuture<@Nullable Void> offered = new CompletableFuture<>();
    /** Held while the worker is killed for this request, and when the request becomes over. */
    private final Object ending = new Object();

    private volatile Heartbeat progress = Heartbeat.NONE;
    /** True from just before the request is sent; a request that is aborted earlier is never sent. */
    private volatile boolean assigned;

    private volatile boolean sent;
    /** Why the request could not be sent. */
    private volatile @Nullable Throwable unsendable;

    private volatile @Nullable Relay relay;
    /** The first message about the request, until {@link #handle} takes it. */
    private @Nullable Frame first;
    /** True if the worker finished the request before {@link #send} had returned. */
    private volatile boolean answered;

    private volatile boolean over;
    private volatile boolean aborted;
    private volatile boolean drained;
    private volatile boolean toldOfStop;
    /** When a deadline expired, in ns; 0 before. */
    private volatile long expiredAt;

    private volatile long askedForStacksAt;

    RemoteRequest(Worker worker, RequestTask task, long number) {
        this.worker = worker;
        this.task = task;
        this.number = number;
    }

    /** Fails a request that is assigned to no worker. */
    static void fail(WorkerPool pool, RequestTask task, String why) {
        RemoteRequest lost = new RemoteRequest(new Worker(pool, 0), task, 0);
        lost.unsendable = new WorkerStartException("no worker for the request: " + why, null);
        lost.offered.complete(null);
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

    boolean isFirst() {
        return number == 1;
    }

    // Sending

    /**
     * Sends the request to the worker. Called by the accept loop, or by the monitor for a request that had to wait.
     *
     * @return true if the worker has it or has exited; false if it can't be sent, and {@link #handle} will throw
     */
    synchronized boolean send() {
        try {
            if (claimed.get()) {
                // The worker has exited, and the monitor gives the request to another.
                return true;
            }
            task.delegateTo(this);
            assigned = true;
            if (!aborted && expiredAt == 0) {
                assign();
                sent = true;
            }
        } catch (Worker.LostException lost) {
            // Its monitor notices.
            return true;
        } catch (IOException | RuntimeException | Error failure) {
            unsendable = failure;
            if (sent) {
                kill("its request could not be detached");
                return true;
            }
        } finally {
            offered.complete(null);
        }
        return sent;
    }

    private void assign() throws IOException {
        if (!worker.isIntroduced()) {
            worker.send(FrameType.SERVER, worker.pool().identity()::writeTo);
            worker.introduced();
        }
        if (task.request() instanceof StreamRequest connection) {
            if (!worker.pool().settings().descriptors() || !handOver(connection)) {
                relay = new Relay(worker, connection, number);
                worker.send(FrameType.REQUEST, assignment(Kind.RELAY)::writeTo);
            }
        } else {
            worker.send(FrameType.REQUEST, assignment(Kind.PACKET)::writeTo);
        }
    }

    /** Passes the connection; returns false if it has no channel or its descriptor is not available. */
    private boolean handOver(StreamRequest connection) throws IOException {
        Optional<SocketChannel> channel = task.channel();
        if (channel.isEmpty()) {
            worker.pool().handsOver(Kind.RELAY);
            return false;
        }
        try {
            worker.send(FrameType.REQUEST, assignment(Kind.DESCRIPTOR)::writeTo, channel.get());
            sent = true;
        } catch (NoDescriptorException relayed) {
            log().log(Level.DEBUG, "relay", () -> task.name() + " is relayed: " + relayed.getMessage());
            return false;
        }
        worker.pool().handsOver(Kind.DESCRIPTOR);
        task.detach();
        return true;
    }

    private Assignment assignment(Kind kind) {
        Request request = task.request();
        StreamRequest connection = request instanceof StreamRequest stream ? stream : null;
        DatagramRequest packet = request instanceof DatagramRequest datagram ? datagram : null;
        return new Assignment(
                number,
                kind,
                worker.pool().host().isStopping(),
                worker.pool().awaitsRelease(),
                request.serverAddress(),
                request.clientAddress(),
                connection == null ? List.of() : facts(connection),
                connection == null ? Map.of() : ownDeadlines(connection),
                packet != null && packet.isTruncated(),
                packet == null ? 0 : packet.maxReplySize(),
                packet == null ? NOTHING : packet.data());
    }

    private static List<Object> facts(StreamRequest connection) {
        List<Object> facts = new ArrayList<>();
        for (PortableType<?> type : PortableValues.facts()) {
            connection.attribute(type.type()).ifPresent(facts::add);
        }
        return facts;
    }

    /** Returns the deadlines that a hook has set for this connection: all that differ from the server's options. */
    private Map<Deadline, Duration> ownDeadlines(StreamRequest connection) {
        Map<Deadline, Duration> own = new EnumMap<>(Deadline.class);
        for (Deadline deadline : Assignment.SETTABLE) {
            Duration time = connection.deadline(deadline);
            if (!time.equals(worker.pool().host().options().deadline(deadline))) {
                own.put(deadline, time);
            }
        }
        return own;
    }

    /**
     * Returns whether the worker has the request. Waits until {@link #send} has returned and ignores interrupts:
     * before, no thread may run the task, because the task would not know that it is delegated and would be handled
     * here.
     */
    boolean isSent() {
        if (!answered) {
            offered.join();
        }
        return answered || sent;
    }

    /**
     * Takes the right to run the task or to give it to another worker; returns true only for the first caller. Waits
     * while the request is being sent.
     */
    synchronized boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /**
     * Takes a message that arrived before the request ran. If the worker has already finished, this does not wait for
     * the thread that sends the request, which may not get the processor back for a while.
     *
     * @return true if the caller has the right to run the task now; false if the message is about another request and
     *     this one was not sent, or another thread has the right
     */
    boolean claim(Frame frame) throws IOException {
        boolean done = frame.type() == FrameType.DONE && frame.open().readLong() == number;
        if (done && claimed.compareAndSet(false, true)) {
            answered = true;
            detach();
        } else if (done || !isSent() || !claim()) {
            return false;
        }
        first = frame;
        return true;
    }

    /** Closes this process's copy of a connection that was passed to the worker, which has finished. */
    private void detach() {
        if (relay == null) {
            try {
                task.detach();
            } catch (IOException | RuntimeException failure) {
                log().log(Level.DEBUG, "detach failed", () -> task.name() + " was not detached cleanly: " + failure);
            }
        }
    }

    /**
     * Returns whether the worker still has the request but no thread waits for it, because an override of a hook did
     * not call the handler.
     */
    boolean isGivenUp() {
        return isSent() && !over && (first == null || first.type() != FrameType.DONE);
    }

    // Receiving

    @Override
    public @Nullable DeadlineException handle() throws Exception {
        if (!isSent()) {
            Throwable why = unsendable;
            if (why instanceof Error failure) {
                throw failure;
            }
            if (why instanceof Exception failure) {
                throw failure;
            }
            throw new DisconnectedException("the request was over before a worker had it", null);
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
            if (relay != null) {
                relay.end();
            }
        }
        progress = new Heartbeat(number, false, done.bytesIn(), done.bytesOut(), List.of());
        if (relay != null) {
            relay.throwLoss();
        }
        if (done.failure() instanceof DeadlineException deadline && !done.thrown()) {
            return deadline;
        }
        if (done.failure() instanceof Exception thrown && done.thrown()) {
            throw thrown;
        }
        if (done.reply().length > 0) {
            // Sent by the server once the request no longer counts.
            task.request().output().write(done.reply());
        }
        return null;
    }

    private Done awaitDone() throws Worker.LostException {
        while (true) {
            Frame frame = first != null ? first : worker.receive();
            first = null;
            try {
                if (frame.type() != FrameType.DONE) {
                    receive(frame);
                } else {
                    Done done = Done.read(frame.open());
                    if (done.number() == number) {
                        return done;
                    }
                }
            } catch (Worker.LostException lost) {
                throw lost;
            } catch (IOException | RuntimeException malformed) {
                throw worker.malformed(malformed);
            }
        }
    }

    private void receive(Frame frame) throws IOException {
        switch (frame.type()) {
            case HEARTBEAT -> {
                Heartbeat received = Heartbeat.read(frame.open());
                progress = received.number() == number ? received : progress;
            }
            case STACKS -> stacks(frame);
            case SHUTDOWN -> worker.shutdown();
            case REPLY -> reply(frame);
            default -> {
                if (relay != null) {
                    relay.receive(frame);
                }
            }
        }
    }

    private EventLog log() {
        return worker.pool().log();
    }

    /** Logs what the worker was doing, and kills it. */
    private void stacks(Frame frame) throws IOException {
        DataInputStream input = frame.open();
        if (input.readLong() == number) {
            String text = new String(input.readNBytes(LONGEST_STACKS), StandardCharsets.UTF_8);
            log().block(
                            Level.WARNING,
                            "request took too long",
                            () -> task.name() + " took too long in " + worker + ", which is killed; its threads:\n"
                                    + text);
            worker.kill("its request took too long");
        }
    }

    private void reply(Frame frame) throws IOException {
        DataInputStream input = frame.open();
        if (input.readLong() == number && task.request() instanceof DatagramRequest packet) {
            Exception failure = sendReply(packet, input.readAllBytes());
            worker.send(FrameType.REPLIED, output -> {
                output.writeLong(number);
                FailureFormat.write(output, failure);
            });
        }
    }

    private static @Nullable Exception sendReply(DatagramRequest packet, byte[] bytes) {
        try {
            packet.reply(ByteBuffer.wrap(bytes));
            return null;
        } catch (IOException | RuntimeException notSent) {
            return notSent;
        }
    }

    /** Notifies the worker that the slot of the request was returned. */
    void release() {
        if (isSent() && worker.pool().awaitsRelease()) {
            try {
                worker.send(FrameType.RELEASE, output -> {});
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
            worker.command(FrameType.DRAIN, output -> output.writeLong(number));
        }
    }

    @Override
    public void expire(DeadlineException reason) {
        if (expiredAt == 0) {
            expiredAt = System.nanoTime();
        }
    }

    @Override
    public void abort() {
        aborted = true;
        if (assigned) {
            // Otherwise it is never sent.
            kill("a stop waited no longer");
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

    /** Notifies the handler of a stop, and kills the worker if the request continues after its deadline. */
    void look(long now) {
        if (!toldOfStop && !over && worker.pool().host().isStopping()) {
            // During a drain delay, the stop does not drain this request yet.
            toldOfStop = true;
            worker.command(FrameType.STOPPING, output -> output.writeLong(number));
        }
        unblock();
        long expired = expiredAt;
        if (expired == 0 || over || now - expired < MARGIN) {
            return;
        }
        if (askedForStacksAt == 0) {
            askedForStacksAt = now;
            worker.command(FrameType.DUMP, output -> output.writeLong(number));
        } else if (now - askedForStacksAt >= MARGIN) {
            kill("its request took too long, and it did not tell what it was doing");
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
        return worker.toString();
    }

    @Override
    public List<StackTraceElement> stack() {
        return progress.stack();
    }
}
