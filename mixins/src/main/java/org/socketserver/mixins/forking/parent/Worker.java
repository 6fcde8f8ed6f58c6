package org.socketserver.mixins.forking.parent;

import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.ProtocolException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.WorkerState;
import org.socketserver.api.WorkerState.Phase;
import org.socketserver.api.internal.Checks;
import org.socketserver.api.spi.DescriptorLock;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.WorkerDiedException;
import org.socketserver.mixins.WorkerStartException;
import org.socketserver.mixins.forking.descriptor.DescriptorOutput.NoDescriptorException;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.ControlChannel.Body;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;

/**
 * One worker process. {@link #run} is its monitor thread: it starts the process, receives what the worker sends, runs
 * one request after another around it, and waits for its end.
 *
 * <p>{@link #kill}, {@link #look}, {@link #command} and {@link #state} are called by any thread; sends are made by the
 * thread that assigns a request and by the monitor. Requests run on the monitor, or on the assigning thread if they
 * could not be sent.
 */
final class Worker implements Runnable {
    /** How long an exit may take: 3 s for clients that read the last answer, 1 s for shutdown hooks, and a margin. */
    private static final Duration END = Duration.ofSeconds(5);

    /** How long the output of a worker that is not ready is held back. */
    private static final long HELD_BACK = TimeUnit.SECONDS.toNanos(3);

    /** The exit status of a process that was killed by SIGKILL. */
    private static final int KILLED = 137;

    /** Thrown when the worker can't be reached any more; {@link #death} finds out why. */
    static final class LostException extends IOException {
        private static final long serialVersionUID = 1;

        LostException(Exception cause) {
            super(cause);
        }
    }

    private final WorkerPool pool;
    private final int quota;
    private final long began = System.nanoTime();

    /** A platform thread: starting processes and junixsocket do not work well on virtual threads. */
    private final Thread monitor;

    private volatile Phase phase = Phase.STARTING;
    /** When the phase began, in ns. */
    private volatile long since = began;

    private volatile @Nullable WorkerProcess process;
    private volatile @Nullable WorkerStartup startup;
    private volatile @Nullable ControlChannel control;
    private volatile @Nullable RemoteRequest request;
    private volatile long requests;
    /** When the monitor started to wait for a message, in ns; 0 while it does not wait. */
    private volatile long receivingSince;

    /** Why it was killed; empty if it was not. */
    private volatile String killedFor = "";

    Worker(WorkerPool pool, int quota) {
        this.pool = pool;
        this.quota = quota;
        monitor = WorkerPool.daemon(this, pool.host().name() + " worker");
    }

    /** Starts the monitor thread. */
    void start() {
        monitor.start();
    }

    @Override
    public void run() {
        try {
            control = startUp();
        } catch (IOException | RuntimeException | Error failure) {
            boolean shortage = FreeDescriptors.isShortage(failure);
            pool.startFailed(this, startFailure(failure, shortage), shortage);
            return;
        }
        try {
            pool.freed(this);
            work();
        } finally {
            end();
        }
    }

    // Startup

    private ControlChannel startUp() throws IOException {
        List<String> command = pool.command();
        FreeDescriptors claimed = FreeDescriptors.claim();
        try (claimed;
                ControlSocket socket = DescriptorLock.shared(pool::controlSocket);
                WorkerStartup own = WorkerStartup.begin(pool, socket, command)) {
            startup = own;
            WorkerProcess started = own.process();
            process = started;
            pool.settings().started().increment();
            if (!killedFor.isEmpty()) {
                // Killed before the process existed.
                kill(killedFor);
            }
            ControlChannel connected = own.await();
            started.showOutput();
            return connected;
        } finally {
            startup = null;
        }
    }

    /**
     * Waits for the exit of a process that did not become ready. It exits by itself after it has printed the reason,
     * and is killed otherwise; at once if the reason is that this process has no file descriptor free.
     */
    private WorkerStartException startFailure(Throwable failure, boolean shortage) {
        WorkerProcess started = process;
        if (started == null) {
            return new WorkerStartException("a worker can't be started: " + failure.getMessage(), failure);
        }
        int status = started.awaitExit(shortage ? Duration.ZERO : END);
        String printed = started.printed();
        return new WorkerStartException(
                "worker " + started.pid() + " did not become ready: " + whyNot(failure, status)
                        + (printed.isEmpty() ? "; it printed nothing" : "; it printed:\n" + printed),
                failure);
    }

    /** Returns the reason. What the parent noticed of an exit, such as a closed stream, adds nothing to its status. */
    private String whyNot(Throwable failure, int status) {
        String ended = WorkerDiedException.describe(status);
        if (!killedFor.isEmpty()) {
            return killedFor + "; " + ended;
        }
        boolean explains = failure instanceof WorkerStartException || status == 0 || status == KILLED;
        return explains ? failure.getMessage() + "; " + ended : "it ended with " + ended;
    }

    // Work

    private void work() {
        try {
            while (true) {
                Frame frame = receive();
                RemoteRequest current = request;
                // Otherwise the message is about an earlier request, or a heartbeat of an idle worker.
                if (current != null && current.take(frame)) {
                    if (requests == 1) {
                        // For stack dumps. Only now does the server know its port.
                        Thread.currentThread().setName(pool.host().name() + ' ' + this);
                    }
                    run(current);
                    if (isLost()) {
                        return;
                    }
                    pool.freed(this);
                }
            }
        } catch (LostException gone) {
            // See end().
        }
    }

    private void shutdown() {
        try {
            pool.host().shutdown();
        } catch (RuntimeException failure) {
            pool.log().log(Level.ERROR, "stop by a worker", this + " has asked for a stop, which failed", failure);
        }
    }

    /** Runs the task of a request: the hooks around the handler run here, and the handler runs in the worker. */
    void run(RemoteRequest current) {
        // Replaces the action that the pool has set.
        current.task().onHandled(() -> {
            pool.settings().giveBack().run();
            current.release();
        });
        current.task().run();
        if (current.isGivenUp()) {
            kill("a hook of the server closed its request");
        }
    }

    /** Assigns a request to the worker, and returns it to be sent. No other thread may assign one at the same time. */
    RemoteRequest give(RequestTask task) {
        RemoteRequest next = new RemoteRequest(this, task, ++requests);
        enter(Phase.BUSY);
        request = next;
        return next;
    }

    /** Called when the worker has no more request. */
    void free() {
        request = null;
        enter(Phase.IDLE);
    }

    private void enter(Phase next) {
        since = System.nanoTime();
        phase = next;
    }

    /** Returns how long the worker has been idle in ns; 0 if it is not. */
    long idle(long now) {
        return phase == Phase.IDLE ? now - since : 0;
    }

    long began() {
        return began;
    }

    boolean hadProcess() {
        return process != null;
    }

    boolean isUsedUp() {
        return requests >= quota;
    }

    boolean isStarting() {
        return phase == Phase.STARTING;
    }

    /**
     * Waits for the end of the monitor, unless it is the calling thread. Is not ended by an interrupt.
     *
     * @param limit until when, as {@link System#nanoTime}
     * @return false if the time was over first
     */
    boolean awaitEnd(long limit) {
        Thread caller = Thread.currentThread();
        boolean interrupted = false;
        while (caller != monitor && monitor.isAlive() && limit - System.nanoTime() > 0) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(monitor, limit - System.nanoTime());
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            caller.interrupt();
        }
        return caller == monitor || !monitor.isAlive();
    }

    /** Returns whether the worker has nothing to do and so ends when asked, even if its monitor has not noticed yet. */
    boolean isAtRest() {
        RemoteRequest current = request;
        return phase != Phase.STARTING && (current == null || current.isOver());
    }

    /** Returns whether a worker that was ready has exited or was killed. */
    boolean isLost() {
        return !process().isAlive() || !killedFor.isEmpty();
    }

    WorkerPool pool() {
        return pool;
    }

    /** Returns the process of a worker that is or was ready. */
    private WorkerProcess process() {
        return Objects.requireNonNull(process, "a process");
    }

    // Messages

    /**
     * Sends a message, with a connection if there is one.
     *
     * @throws NoDescriptorException if the connection can't be sent
     * @throws LostException if the worker has exited
     * @throws IOException if the message can't be sent
     */
    void send(FrameType type, long number, Body body, @Nullable SocketChannel connection) throws IOException {
        // A pending interrupt would close the channel. It is set again afterwards.
        boolean interrupted = Thread.interrupted();
        try {
            channel().send(type, number, body, connection);
        } catch (ProtocolException | NoDescriptorException unsendable) {
            throw unsendable;
        } catch (IOException gone) {
            throw new LostException(gone);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits for a message. Stops the server if a handler or a thread that it has left behind asks for it. */
    Frame receive() throws LostException {
        Frame frame = receiveAny();
        while (frame.type() == FrameType.SHUTDOWN) {
            shutdown();
            frame = receiveAny();
        }
        return frame;
    }

    private Frame receiveAny() throws LostException {
        receivingSince = System.nanoTime();
        // An interrupt that a hook left behind would close the channel.
        Thread.interrupted();
        try {
            Frame frame = channel().receive();
            if (frame == null) {
                throw new EOFException("it closed its connection");
            }
            return frame;
        } catch (ProtocolException malformed) {
            throw malformed(malformed);
        } catch (IOException gone) {
            throw new LostException(gone);
        } finally {
            receivingSince = 0;
        }
    }

    /** Kills the worker, because its next messages can't be trusted. */
    LostException malformed(Exception reason) {
        kill("it sent an invalid message: " + reason.getMessage());
        return new LostException(reason);
    }

    private ControlChannel channel() throws IOException {
        ControlChannel current = control;
        if (current == null) {
            throw new IOException("the worker is not ready");
        }
        return current;
    }

    /** Sends a command, which a worker executes whatever its handler does. Has no effect if the worker has exited. */
    void command(FrameType type, long number, Body body) {
        WorkerProcess started = process;
        if (started != null) {
            try {
                started.commands().send(type, number, body);
            } catch (IOException gone) {
                // Noticed by the monitor.
            }
        }
    }

    // End

    /** Kills the process; the monitor notices. */
    void kill(String why) {
        if (killedFor.isEmpty()) {
            killedFor = why;
        }
        WorkerProcess started = process;
        WorkerStartup starting = startup;
        if (started != null) {
            started.kill();
        }
        if (starting != null) {
            starting.end();
        }
    }

    /** Kills the worker if something takes too long. */
    void check(long now) {
        WorkerStartup starting = startup;
        RemoteRequest current = request;
        if (starting != null) {
            check(starting, now);
        } else if (current != null) {
            current.check(now);
        }
        if (phase == Phase.ENDING && now - since >= END.toNanos()) {
            // It may be stopped (SIGSTOP), and nothing else waits for it.
            kill("it did not end when it was asked to");
        }
        long silentSince = receivingSince;
        Duration silence = pool.settings().heartbeatTimeout();
        if (silentSince != 0 && now - silentSince >= Checks.nanos(silence)) {
            kill("it gave no sign of life for " + Checks.text(silence));
        }
    }

    private void check(WorkerStartup starting, long now) {
        starting.check(now);
        Duration limit = pool.settings().startTimeout();
        WorkerProcess started = process;
        if (started != null && now - began >= HELD_BACK) {
            // It may have printed that it waits for a debugger.
            started.showOutput();
        }
        if (now - began >= Checks.nanos(limit)) {
            kill("it was not ready after " + Checks.text(limit));
        }
        if (started != null && !started.isAlive()) {
            starting.end();
        }
    }

    /** Returns the failure to report for a worker that has exited. */
    WorkerDiedException death() {
        WorkerProcess started = process();
        long lostAt = System.nanoTime();
        int status = started.awaitExit(END);
        if (killedFor.isEmpty() && System.nanoTime() - lostAt >= END.toNanos()) {
            killedFor = "it had closed its connection and did not end";
        }
        return new WorkerDiedException(started.pid(), status, killedFor.isEmpty() ? "" : "killed because " + killedFor);
    }

    /** Asks the worker to end; its monitor notices when it has. */
    void retire() {
        if (phase != Phase.ENDING) {
            enter(Phase.ENDING);
        }
        command(FrameType.END, 0, Body.NONE);
        Quietly.close(process().commands());
    }

    private void end() {
        pool.ends(this);
        RemoteRequest left = request;
        if (left != null && left.take()) {
            if (left.isSent()) {
                run(left);
            } else {
                pool.submit(left.task());
            }
        }
        request = null;
        retire();
        process().awaitExit(END);
        // So that its last output appears before the end of the server.
        process().awaitPrinted();
        Quietly.close(control);
        pool.gone(this);
    }

    WorkerState state() {
        WorkerProcess started = process;
        RemoteRequest current = request;
        return new WorkerState(
                started == null ? 0 : started.pid(),
                phase,
                requests,
                Duration.ofNanos(System.nanoTime() - began),
                current == null ? Optional.empty() : Optional.of(current.peer()));
    }

    @Override
    public String toString() {
        WorkerProcess started = process;
        return started == null ? "worker" : "worker " + started.pid();
    }
}
