package org.socketserver.mixins.pool;

import java.io.DataInputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.Request;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.spi.PortableType;
import org.socketserver.api.spi.RemoteHandling;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.descriptor.NoDescriptorException;
import org.socketserver.mixins.wire.Assignment;
import org.socketserver.mixins.wire.Beat;
import org.socketserver.mixins.wire.Done;
import org.socketserver.mixins.wire.Frame;
import org.socketserver.mixins.wire.FrameType;
import org.socketserver.mixins.wire.OwnDeadlines;
import org.socketserver.mixins.wire.PortableValues;
import org.socketserver.mixins.wire.Reply;

/** A request in a worker: follows it there, and stands for its handler here. */
final class Job implements RemoteHandling {
    private static final int LONGEST_STACKS = 256 * 1024;

    private final Worker worker;
    private final RequestTask task;
    private final long number;

    private volatile Beat beat = Beat.NONE;
    private final Object ending = new Object();
    private final AtomicBoolean claimed = new AtomicBoolean();
    private volatile boolean over;
    private volatile boolean cut;
    /** True once the request is about to go: who is cut before never does. */
    private volatile boolean assigned;

    private volatile boolean drained;
    private volatile boolean toldOfStop;
    /** When a deadline was over, in ns; 0 while none was. */
    private volatile long expiredAt;

    private volatile long askedForStacksAt;
    private volatile @Nullable Relay relay;
    private @Nullable Frame first;
    /** Open once {@link #send} has ended. */
    private final CountDownLatch offered = new CountDownLatch(1);
    /** Why the request could not be sent. */
    private volatile @Nullable Throwable unsendable;

    private volatile boolean sent;
    /** True if the worker was done with the request before {@link #send} had ended. */
    private volatile boolean answered;

    Job(Worker worker, RequestTask task, long number) {
        this.worker = worker;
        this.task = task;
        this.number = number;
    }

    boolean isFirst() {
        return number == 1;
    }

    SocketAddress peer() {
        return task.request().clientAddress();
    }

    /**
     * Sends the request to the worker. Called by the accept loop, or by the keeper for a request that had to wait.
     *
     * @return true if the worker has it, or has gone with it; false if it can't be sent, which {@link #handle} will
     *     throw
     */
    synchronized boolean send() {
        try {
            if (claimed.get()) {
                // The worker had gone before, and the keeper gives the request to another.
                return true;
            }
            task.handleElsewhere(this);
            assigned = true;
            if (!cut && expiredAt == 0) {
                assign();
                sent = true;
            }
        } catch (WorkerLostException lost) {
            // Its keeper notices.
            return true;
        } catch (IOException | RuntimeException | Error failure) {
            unsendable = failure;
            if (sent) {
                kill("its request could not be let go of");
                return true;
            }
        } finally {
            offered.countDown();
        }
        return sent;
    }

    /** Returns whether the worker has the request; waits for the thread that is sending it. */
    boolean isSent() {
        if (!answered) {
            awaitOffer();
        }
        return answered || sent;
    }

    /**
     * Waits until {@link #send} has ended. Before, nobody may run the task: it would not know that it is handled
     * elsewhere, and be handled here.
     */
    private void awaitOffer() {
        boolean interrupted = false;
        while (offered.getCount() > 0) {
            try {
                offered.await();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Returns whether the worker still has the request and no thread waits for it, because an override of a hook kept
     * it away.
     */
    boolean isGivenUp() {
        return isSent() && !over && (first == null || first.type() != FrameType.DONE);
    }

    Worker worker() {
        return worker;
    }

    RequestTask task() {
        return task;
    }

    /**
     * Takes the right to run the task, or to give it to another worker; true for the first. Not while it is being sent.
     */
    synchronized boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /**
     * Delivers what was received while the request did not run. If the worker is done already, nobody waits for the
     * one who has sent it: it may take a while until the processor is its own again.
     *
     * @return true if the caller has the right to run the task now; false if what was received is of another request,
     *     and this one was not sent, or somebody else has the right
     */
    boolean claim(Frame frame) throws IOException {
        boolean done = frame.type() == FrameType.DONE && Done.numberOf(frame.open()) == number;
        if (done && claimed.compareAndSet(false, true)) {
            answered = true;
            letGo();
        } else if (done || !isSent() || !claim()) {
            return false;
        }
        first = frame;
        return true;
    }

    /** Makes sure that this process has nothing of the connection any more; the worker had it, and is done. */
    private void letGo() {
        if (relay == null) {
            try {
                task.detach();
            } catch (IOException | RuntimeException failure) {
                log().log(Level.DEBUG, "detach failed", () -> task.name() + " was not detached cleanly: " + failure);
            }
        }
    }

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
        } catch (WorkerLostException lost) {
            throw worker.death();
        } finally {
            over();
            if (relay != null) {
                relay.end();
            }
        }
        return ended(done);
    }

    private Done awaitDone() throws WorkerLostException {
        while (true) {
            Frame frame = first != null ? first : worker.receive();
            first = null;
            try {
                if (frame.type() != FrameType.DONE) {
                    hear(frame);
                } else {
                    Done done = Done.read(frame.open());
                    if (done.number() == number) {
                        return done;
                    }
                }
            } catch (WorkerLostException lost) {
                throw lost;
            } catch (IOException | RuntimeException malformed) {
                throw worker.malformed(malformed);
            }
        }
    }

    // The request goes

    private void assign() throws IOException {
        if (!worker.isIntroduced()) {
            // The address was not bound yet when the worker was set up.
            worker.send(FrameType.SERVER, worker.pool().identity()::writeTo);
            worker.introduced();
        }
        Request request = task.request();
        if (request instanceof StreamRequest connection) {
            OwnDeadlines own =
                    OwnDeadlines.of(number, connection, worker.pool().host().options());
            if (!own.times().isEmpty()) {
                worker.send(FrameType.DEADLINES, own::writeTo);
            }
        }
        boolean stopping = worker.pool().isStopping();
        if (request instanceof DatagramRequest packet) {
            send(new Assignment(
                    number,
                    Assignment.Kind.PACKET,
                    stopping,
                    worker.pool().awaitsRelease(),
                    packet.serverAddress(),
                    packet.clientAddress(),
                    List.of(),
                    packet.isTruncated(),
                    packet.maxReplySize(),
                    packet.data()));
        } else if (!worker.pool().descriptors() || !handOver(request, stopping)) {
            relay = new Relay(worker, (StreamRequest) request, number);
            send(connection(request, false, stopping));
        }
    }

    /** Hands the connection itself over; false if that can't be done. */
    private boolean handOver(Request request, boolean stopping) throws IOException {
        Optional<SocketChannel> channel = task.channel();
        if (channel.isEmpty()) {
            worker.pool().handsOver(Assignment.Kind.RELAY);
            return false;
        }
        Assignment assignment = connection(request, true, stopping);
        try {
            worker.sendWith(FrameType.REQUEST, assignment::writeTo, channel.get());
            sent = true;
        } catch (NoDescriptorException relayed) {
            log().log(Level.DEBUG, "relay", () -> task.name() + " is relayed: " + relayed.getMessage());
            return false;
        }
        worker.pool().handsOver(Assignment.Kind.DESCRIPTOR);
        task.detach();
        return true;
    }

    private Assignment connection(Request request, boolean descriptor, boolean stopping) {
        return Assignment.connection(
                number,
                descriptor,
                stopping,
                worker.pool().awaitsRelease(),
                request.serverAddress(),
                request.clientAddress(),
                facts(request));
    }

    private static List<Object> facts(Request request) {
        List<Object> facts = new ArrayList<>();
        for (PortableType<?> type : PortableValues.facts()) {
            if (request instanceof StreamRequest connection) {
                connection.attribute(type.type()).ifPresent(facts::add);
            }
        }
        return facts;
    }

    private void send(Assignment assignment) throws IOException {
        worker.send(FrameType.REQUEST, assignment::writeTo);
    }

    // What comes back

    private void hear(Frame frame) throws IOException {
        switch (frame.type()) {
            case BEAT -> {
                Beat heard = Beat.read(frame.open());
                beat = heard.number() == number ? heard : beat;
            }
            case STACKS -> stacks(frame);
            case PONG -> {
                // It was asked before it had this request.
            }
            case SHUTDOWN -> worker.shutdown();
            case REPLY -> reply(frame);
            default -> {
                if (relay != null) {
                    relay.hear(frame);
                }
            }
        }
    }

    private EventLog log() {
        return worker.pool().log();
    }

    /** The worker has told what it was doing, so it can be killed. */
    private void stacks(Frame frame) throws IOException {
        DataInputStream input = frame.open();
        if (input.readLong() != number) {
            return;
        }
        String text = new String(input.readNBytes(LONGEST_STACKS), StandardCharsets.UTF_8);
        log().block(
                        Level.WARNING,
                        "request took too long",
                        () -> task.name() + " took too long in " + worker + ", which is killed; its threads:\n" + text);
        worker.kill("its request took too long");
    }

    private void reply(Frame frame) throws IOException {
        DataInputStream input = frame.open();
        if (input.readLong() != number || !(task.request() instanceof DatagramRequest packet)) {
            return;
        }
        Exception failure = null;
        try {
            packet.reply(ByteBuffer.wrap(input.readAllBytes()));
        } catch (IOException | RuntimeException notSent) {
            failure = notSent;
        }
        worker.send(FrameType.REPLIED, new Reply(number, failure)::writeTo);
    }

    private @Nullable DeadlineException ended(Done done) throws Exception {
        beat = new Beat(number, false, done.bytesIn(), done.bytesOut(), List.of());
        if (relay != null) {
            relay.throwLoss();
        }
        Throwable failure = done.failure();
        if (failure instanceof DeadlineException deadline && !done.thrown()) {
            return deadline;
        }
        if (failure instanceof Exception thrown && done.thrown()) {
            throw thrown;
        }
        if (done.reply().hasRemaining()) {
            // Sent by the server once the request no longer counts.
            task.request().output().write(done.reply().array());
        }
        return null;
    }

    // Seen from outside

    @Override
    public void drain() {
        if (!drained && !over) {
            drained = true;
            worker.order(FrameType.DRAIN, output -> output.writeLong(number));
        }
    }

    @Override
    public void expire(DeadlineException reason) {
        if (expiredAt == 0) {
            expiredAt = System.nanoTime();
        }
    }

    @Override
    public void cut() {
        cut = true;
        if (assigned) {
            // Else the worker has nothing of it, and won't.
            kill("a stop waited no longer");
        }
    }

    /** Kills the worker while the request is there, and never for a request that is over. */
    private void kill(String why) {
        synchronized (ending) {
            if (!over) {
                worker.kill(why);
            }
        }
        unblock();
    }

    /**
     * Lets nobody wait here for a client that takes nothing, once the request is over: the worker could not be heard.
     */
    private void unblock() {
        Relay current = relay;
        if (current != null && !over && (cut || expiredAt != 0)) {
            current.unblock();
        }
    }

    private void over() {
        synchronized (ending) {
            over = true;
        }
    }

    /** Returns whether the worker is done with the request, or lost. */
    boolean isOver() {
        return over;
    }

    /** Notifies the worker that the slot of the request was returned. */
    void release() {
        if (isSent() && worker.pool().awaitsRelease()) {
            worker.tell(FrameType.RELEASE);
        }
    }

    /** Notifies the handler of a stop that has begun. It may take a while until the stop waits for this request. */
    private void tellOfStop() {
        if (!toldOfStop && !over && worker.pool().isStopping()) {
            toldOfStop = true;
            worker.order(FrameType.STOPPING, output -> output.writeLong(number));
        }
    }

    /** Kills the worker if its request goes on after its deadline, once it has told what it is doing. */
    void look(long now) {
        tellOfStop();
        unblock();
        long expired = expiredAt;
        if (expired == 0 || over || now - expired < Worker.MARGIN) {
            return;
        }
        if (askedForStacksAt == 0) {
            askedForStacksAt = now;
            worker.order(FrameType.DUMP, output -> output.writeLong(number));
        } else if (now - askedForStacksAt >= Worker.MARGIN) {
            kill("its request took too long, and it did not tell what it was doing");
        }
    }

    @Override
    public boolean isWaiting() {
        Relay current = relay;
        return !over && (beat.waiting() || (current != null && current.isWriting()));
    }

    @Override
    public long bytesIn() {
        return beat.bytesIn();
    }

    @Override
    public long bytesOut() {
        return beat.bytesOut();
    }

    @Override
    public String thread() {
        return worker.toString();
    }

    @Override
    public List<StackTraceElement> stack() {
        return beat.stack();
    }
}
