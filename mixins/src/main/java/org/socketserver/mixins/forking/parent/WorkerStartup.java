package org.socketserver.mixins.forking.parent;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.DescriptorLock;
import org.socketserver.mixins.WorkerStartException;
import org.socketserver.mixins.forking.descriptor.DescriptorOutput;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;
import org.socketserver.mixins.forking.wire.Messages.Hello;

/**
 * The startup of a worker, from the start of its process until it is ready: it connects to a socket, identifies itself
 * and makes its handlers.
 *
 * <p>{@link #begin}, {@link #await} and {@link #close} run on the monitor thread of the worker; {@link #look} and
 * {@link #end} are called by any.
 */
final class WorkerStartup implements Closeable {
    private static final SecureRandom SECRETS = new SecureRandom();
    /** How long a connection to the socket of a worker may send nothing. */
    private static final long SILENCE = TimeUnit.SECONDS.toNanos(2);

    private final WorkerPool pool;
    private final ControlSocket socket;
    private final WorkerProcess process;
    private final long secret = SECRETS.nextLong();
    /** The connections of the worker, until it is ready. Used only by its monitor. */
    private final Deque<ControlChannel> connections = new ArrayDeque<>();

    /** A connection that has not identified itself yet. Guarded by this, as is what follows. */
    private @Nullable SocketChannel caller;

    private long calledAt;
    private boolean ended;

    private WorkerStartup(WorkerPool pool, ControlSocket socket, WorkerProcess process) {
        this.pool = pool;
        this.socket = socket;
        this.process = process;
    }

    /**
     * Starts a process, if enough file descriptors are free.
     *
     * @param socket where it connects; {@link #end} closes it
     * @throws FreeDescriptors.ShortageException if they are not; nothing was started
     * @throws IOException if the process can't be started
     */
    static WorkerStartup begin(WorkerPool pool, ControlSocket socket, List<String> command) throws IOException {
        List<String> hidden = DescriptorLock.shared(() -> WorkerCommand.hideOptions(command, socket.options()));
        return new WorkerStartup(pool, socket, start(hidden));
    }

    /** Starts the process; does as little as possible while no accept loop of this JVM can accept. */
    private static WorkerProcess start(List<String> command) throws IOException {
        return DescriptorLock.exclusive(() -> {
            FreeDescriptors.requireForProcess();
            return WorkerProcess.start(command);
        });
    }

    WorkerProcess process() {
        return process;
    }

    /** Waits until the process is ready to serve. */
    ControlChannel await() throws IOException {
        process.commands().send(FrameType.START, 0, pool.start(socket.path(), secret)::writeTo);
        SocketChannel out = awaitWorker().channel();
        ControlChannel control = awaitWorker().control();
        // junixsocket is loaded only if descriptors are passed.
        control.sendOver(pool.settings().descriptors() ? DescriptorOutput.over(out) : Channels.newOutputStream(out));
        Frame answer;
        do {
            answer = control.receive();
            if (answer == null) {
                throw new IOException("it closed its connection");
            }
        } while (answer.type() == FrameType.HEARTBEAT);
        if (answer.type() == FrameType.REFUSED) {
            throw new WorkerStartException("it can't make handlers: " + answer.text(), null);
        }
        answer.expect(FrameType.READY);
        connections.clear();
        return control;
    }

    /** A connection to the socket. */
    private record Caller(SocketChannel channel, ControlChannel control) {
        Caller(SocketChannel channel) {
            this(channel, ControlChannel.over(channel));
        }
    }

    /** Waits for a connection of the worker, first the one that it reads, and rejects those of other processes. */
    private Caller awaitWorker() throws IOException {
        while (true) {
            Caller next = new Caller(accept());
            connections.push(next.control());
            if (isWorker(next)) {
                return next;
            }
            connections.pop().close();
        }
    }

    /** Waits until a connection has identified itself, and returns whether it is the worker. */
    private boolean isWorker(Caller next) {
        try {
            setCaller(next.channel());
            Frame first = next.control().receive();
            if (first == null) {
                // Probably the worker, killed before it could identify itself.
                log(Level.DEBUG, "closed without a greeting");
                return false;
            }
            Hello hello = Hello.read(first.expect(FrameType.HELLO).open());
            if (hello.secret() == secret && hello.pid() == process.pid() && takeCaller()) {
                return true;
            }
            logRejected("wrong process");
        } catch (IOException stranger) {
            logRejected(stranger.toString());
        }
        return false;
    }

    private synchronized void logRejected(String why) {
        // After the worker has exited, as in a stop, it is probably the worker itself.
        log(ended ? Level.DEBUG : Level.WARNING, "rejected: " + why);
    }

    private void log(Level level, String what) {
        pool.log().log(level, "stranger", "connection to the socket of worker " + process.pid() + ' ' + what);
    }

    private SocketChannel accept() throws IOException {
        try {
            return socket.accept();
        } catch (ClosedChannelException over) {
            throw new IOException("it exited before it connected", over);
        }
    }

    private synchronized void setCaller(SocketChannel channel) throws IOException {
        if (ended) {
            throw new IOException("the worker has exited");
        }
        caller = channel;
        calledAt = System.nanoTime();
    }

    /** Keeps the caller connected, because it is the worker. Returns false if it was disconnected before. */
    private synchronized boolean takeCaller() {
        boolean there = caller != null;
        caller = null;
        return there;
    }

    /** Disconnects a caller that sends nothing. */
    synchronized void check(long now) {
        if (caller != null && now - calledAt >= SILENCE) {
            disconnectCaller();
        }
    }

    /** Called when the process that could connect has exited. */
    synchronized void end() {
        ended = true;
        disconnectCaller();
        socket.close();
    }

    private void disconnectCaller() {
        Quietly.close(caller);
        caller = null;
    }

    /** Closes the connections of a worker that did not become ready. */
    @Override
    public void close() {
        connections.forEach(Quietly::close);
    }
}
