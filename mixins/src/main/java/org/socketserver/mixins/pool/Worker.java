package org.socketserver.mixins.pool;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.ProtocolException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.WorkerDiedException;
import org.socketserver.mixins.WorkerStartException;
import org.socketserver.mixins.WorkerState;
import org.socketserver.mixins.WorkerState.Phase;
import org.socketserver.mixins.descriptor.NoDescriptorException;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.Frame;
import org.socketserver.mixins.wire.FrameType;

/**
 * One worker process, and the thread that keeps it: starts it, gives it one request after another, sees it to its end.
 *
 * <p>{@link #kill}, {@link #look} and {@link #state} are called by any thread; all else by the keeper alone.
 */
final class Worker implements Runnable {
    /**
     * How long a worker may take to end when it is asked to: 3 s for goodbyes, 1 s for shutdown hooks, and some more.
     */
    private static final Duration END = Duration.ofSeconds(5);

    /** How long an idle worker may be silent until it is asked whether it lives. */
    private static final long PING = TimeUnit.SECONDS.toNanos(1);

    /** How long the output of a worker that is not ready is held back. */
    private static final long HELD_BACK = TimeUnit.SECONDS.toNanos(3);

    /** The status of a process that SIGKILL has ended. */
    private static final int KILLED = 137;

    private final WorkerPool pool;
    private final int quota;
    private final long began = System.nanoTime();

    private volatile @Nullable Thread keeper;
    private volatile Phase phase = Phase.STARTING;
    private volatile @Nullable WorkerProcess process;
    private volatile @Nullable Birth birth;
    private volatile @Nullable ControlChannel control;
    private volatile @Nullable Job job;
    private volatile long requests;
    private volatile boolean introduced;
    /** Since when the worker has to say something, in ns; 0 while it need not. */
    private volatile long expectedSince;

    private volatile long heardAt = began;
    private volatile long idleSince = began;
    /** When the worker was asked to end, in ns; 0 while it was not. */
    private volatile long retiredAt;
    /** Why it was killed; empty if it was not. */
    private volatile String killedFor = "";

    Worker(WorkerPool pool, int quota) {
        this.pool = pool;
        this.quota = quota;
    }

    @Override
    public void run() {
        keeper = Thread.currentThread();
        try {
            control = bear();
        } catch (IOException | RuntimeException | Error failure) {
            boolean shortage = FreeDescriptors.isShortage(failure);
            pool.stillborn(this, failed(failure, shortage), shortage);
            return;
        }
        try {
            pool.born(this);
            work();
        } finally {
            end();
        }
    }

    /** Follows the worker until it has gone. */
    private void work() {
        while (true) {
            Job current;
            boolean mayRun;
            try {
                Frame frame = receive();
                if (frame.type() == FrameType.SHUTDOWN) {
                    // Also by a thread that a handler has left behind.
                    shutdown();
                    continue;
                }
                current = job;
                // Before it is sent, what comes is of another request, or the answer to a ping.
                mayRun = current != null && current.claim(frame);
            } catch (WorkerLostException gone) {
                return;
            } catch (IOException malformed) {
                malformed(malformed);
                return;
            }
            if (current != null && mayRun) {
                nameKeeper(current);
                run(current);
                if (isLost()) {
                    return;
                }
                pool.freed(this);
            }
        }
    }

    /** Does what a handler asks for; it may have ended, if a thread that it has left behind asks. */
    void shutdown() {
        try {
            pool.host().shutdown();
        } catch (RuntimeException failure) {
            pool.log().log(Level.ERROR, "stop by a worker", this + " has asked for a stop, which failed", failure);
        }
    }

    /** Sets the name of the thread, for stack dumps; not before the server knows its port. */
    private void nameKeeper(Job current) {
        if (current.isFirst()) {
            Thread.currentThread().setName(pool.serverName() + ' ' + this);
        }
    }

    /** Runs the task of a request: what is around the handler here, and waits for the handler there. */
    void run(Job current) {
        current.task().onHandled(() -> {
            pool.giveBack();
            current.release();
        });
        current.task().run();
        if (current.isGivenUp()) {
            kill("a hook of the server has given its request up");
        }
    }

    /**
     * Assigns a request to the worker, which no other thread may do now.
     *
     * @return the request, to be sent
     */
    Job give(RequestTask task) {
        Job next = new Job(this, task, ++requests);
        phase = Phase.BUSY;
        expectedSince = System.nanoTime();
        job = next;
        return next;
    }

    /** The worker has no request any more. */
    void free() {
        job = null;
        expectedSince = 0;
        phase = Phase.IDLE;
        idleSince = System.nanoTime();
    }

    /** Asks an idle worker for a sign of life, if it gave none for a while. */
    private void ping(long now) {
        long silent = Math.min(PING, pool.settings().heartbeatTimeout().toNanos() / 2);
        if (phase == Phase.IDLE && expectedSince == 0 && now - heardAt >= silent) {
            heardAt = now;
            expectedSince = now;
            tell(FrameType.PING);
        }
    }

    /** How long the worker has been idle in ns; 0 if it is not. */
    long idle(long now) {
        return phase == Phase.IDLE ? now - idleSince : 0;
    }

    long began() {
        return began;
    }

    /** Returns whether its process was started. */
    boolean hadProcess() {
        return process != null;
    }

    // Birth

    private ControlChannel bear() throws IOException {
        try (Birth own = Birth.begin(pool)) {
            birth = own;
            WorkerProcess started = own.process();
            process = started;
            pool.started();
            started.onExit(this::exited);
            if (!killedFor.isEmpty()) {
                // Before there was a process to be killed.
                started.kill();
            }
            ControlChannel met = own.await();
            started.showOutput();
            return met;
        } finally {
            birth = null;
        }
    }

    /**
     * Sees a worker to its end that is not ready: it ends by itself once it has printed why, or else it is killed; at
     * once if it can't know why, because this process has no file descriptor free.
     */
    private WorkerStartException failed(Throwable failure, boolean shortage) {
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

    /**
     * What it said is told first; what the parent noticed of an end, such as a closed stream, is no news beside that
     * end.
     */
    private String whyNot(Throwable failure, int status) {
        String ended = WorkerDiedException.describe(status);
        if (!killedFor.isEmpty()) {
            return killedFor + "; " + ended;
        }
        boolean told = failure instanceof WorkerStartException || status == 0 || status == KILLED;
        return told ? failure.getMessage() + "; " + ended : "it ended with " + ended;
    }

    private void exited() {
        Birth current = birth;
        if (current != null) {
            current.end();
        }
    }

    // Work

    boolean isLost() {
        WorkerProcess started = process;
        return started == null || !started.isAlive() || !killedFor.isEmpty();
    }

    boolean isUsedUp() {
        return requests >= quota;
    }

    /** Returns whether the calling thread monitors this worker. */
    boolean isKeptHere() {
        return Thread.currentThread() == keeper;
    }

    /** Returns whether the worker knows the identity of the server. */
    boolean isIntroduced() {
        return introduced;
    }

    void introduced() {
        introduced = true;
    }

    boolean isBusy() {
        return phase == Phase.BUSY;
    }

    /**
     * Returns whether the worker has nothing to do, so that it ends when it is asked to: with time for its last peer to
     * read the answer. Its keeper may be just about to notice.
     */
    boolean isAtRest() {
        Job current = job;
        return phase != Phase.STARTING && (current == null || current.isOver());
    }

    WorkerPool pool() {
        return pool;
    }

    /** Sends; throws a WorkerLostException if the worker has gone, another if it can't be said. */
    void send(FrameType type, ControlChannel.Body body) throws IOException {
        sheltered(channel -> channel.send(type, body));
    }

    /** What is said over the control channel. */
    private interface Words {
        void over(ControlChannel channel) throws IOException;
    }

    /** Sends a message. A pending interrupt must not close the channel, and is set again afterwards. */
    private void sheltered(Words words) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            words.over(channel());
        } catch (ProtocolException | NoDescriptorException unsendable) {
            throw unsendable;
        } catch (IOException gone) {
            throw new WorkerLostException(gone);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Sends with a connection; throws as {@link #send} does, or a NoDescriptorException. */
    void sendWith(FrameType type, ControlChannel.Body body, SocketChannel connection) throws IOException {
        sheltered(channel -> channel.sendWith(type, body, connection));
    }

    /** Sends a message without a word more; without effect if the worker has gone, which its keeper notices. */
    void tell(FrameType type) {
        try {
            send(type, output -> {});
        } catch (IOException gone) {
            // Noticed by the keeper.
        }
    }

    /** Waits for a message. */
    Frame receive() throws WorkerLostException {
        if (job != null) {
            expectedSince = System.nanoTime();
        }
        // Left behind by a hook: it would close the channel.
        Thread.interrupted();
        try {
            Frame frame = channel().receive();
            if (frame == null) {
                throw new EOFException("it closed its connection");
            }
            heardAt = System.nanoTime();
            return frame;
        } catch (ProtocolException malformed) {
            throw malformed(malformed);
        } catch (IOException gone) {
            throw new WorkerLostException(gone);
        } finally {
            expectedSince = 0;
        }
    }

    /** Kills the worker, since nobody knows what it says next. */
    WorkerLostException malformed(Exception reason) {
        kill("it sent what is no message: " + reason.getMessage());
        return new WorkerLostException(reason);
    }

    private ControlChannel channel() throws IOException {
        ControlChannel current = control;
        if (current == null) {
            throw new IOException("the worker is not ready");
        }
        return current;
    }

    /**
     * Sends a command, which reaches the worker whatever its handler is doing; without effect if the worker has exited.
     */
    void order(FrameType type, ControlChannel.Body body) {
        WorkerProcess started = process;
        if (started != null) {
            try {
                started.orders().send(type, body);
            } catch (IOException gone) {
                // Noticed by the keeper.
            }
        }
    }

    // End

    /** Kills the process; the keeper notices. */
    void kill(String why) {
        if (killedFor.isEmpty()) {
            killedFor = why;
        }
        WorkerProcess started = process;
        if (started != null) {
            started.kill();
        }
    }

    /** Looks whether something takes too long. */
    void look(long now) {
        Birth unborn = birth;
        Job current = job;
        if (unborn != null) {
            look(unborn, now);
        } else if (current != null) {
            current.look(now);
        }
        ping(now);
        long retired = retiredAt;
        if (retired != 0 && now - retired >= END.toNanos()) {
            // Stopped, perhaps: nobody else waits for it.
            kill("it did not end when it was asked to");
        }
        long since = expectedSince;
        Duration silence = pool.settings().heartbeatTimeout();
        if (since != 0 && now - since >= silence.toNanos()) {
            kill("it gave no sign of life for " + silence.toMillis() + " ms");
        }
    }

    private void look(Birth unborn, long now) {
        unborn.look(now);
        Duration limit = pool.settings().startTimeout();
        WorkerProcess started = process;
        if (started != null && now - began >= HELD_BACK) {
            // It may be waiting for a debugger, and say so.
            started.showOutput();
        }
        if (now - began >= limit.toNanos()) {
            kill("it was not ready after " + limit.toMillis() + " ms");
        }
        if (started != null && !started.isAlive()) {
            // Who waits for the news of its end may have to wait for others in the common pool.
            unborn.end();
        }
    }

    /** What to report of a worker that has gone. */
    WorkerDiedException death() {
        WorkerProcess started = process;
        if (started == null) {
            return new WorkerDiedException(0, 0, "it was never started");
        }
        long lostAt = System.nanoTime();
        int status = started.awaitExit(END);
        if (killedFor.isEmpty() && System.nanoTime() - lostAt >= END.toNanos()) {
            killedFor = "it had closed its connection and did not end";
        }
        return new WorkerDiedException(started.pid(), status, killedFor.isEmpty() ? "" : "killed because " + killedFor);
    }

    /** Asks the worker to end; its keeper notices when it has. */
    void retire() {
        phase = Phase.ENDING;
        if (retiredAt == 0) {
            retiredAt = System.nanoTime();
        }
        order(FrameType.END, output -> {});
        WorkerProcess started = process;
        if (started != null) {
            close(started.orders());
        }
    }

    private void end() {
        pool.ends(this);
        Job left = job;
        if (left != null && left.claim()) {
            if (left.isSent()) {
                run(left);
            } else {
                pool.submit(left.task());
            }
        }
        job = null;
        retire();
        WorkerProcess started = process;
        if (started != null) {
            started.awaitExit(END);
            // What it printed last comes before the end of its server.
            started.awaitPrinted();
        }
        ControlChannel current = control;
        if (current != null) {
            close(current);
        }
        pool.gone(this);
    }

    private static void close(Closeable resource) {
        try {
            resource.close();
        } catch (IOException gone) {
            // As good as closed.
        }
    }

    WorkerState state() {
        WorkerProcess started = process;
        Job current = job;
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

    /** How long a request may go on after its deadline, for the worker to end it in good order. */
    static final long MARGIN = TimeUnit.SECONDS.toNanos(1);
}
