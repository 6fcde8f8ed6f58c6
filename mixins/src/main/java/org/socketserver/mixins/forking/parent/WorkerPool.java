package org.socketserver.mixins.forking.parent;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.internal.Checks;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.internal.SurvivingLoop;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.HandOver;
import org.socketserver.mixins.WorkerStartException;
import org.socketserver.mixins.WorkerState;
import org.socketserver.mixins.forking.wire.Messages.Identity;
import org.socketserver.mixins.forking.wire.Messages.Kind;
import org.socketserver.mixins.forking.wire.Messages.Start;

/**
 * The workers of one server and the requests that wait for a worker.
 *
 * <p>The worker that was busy last gets the next request, so that surplus workers stay idle. All methods may be called
 * by any thread. The lock is this object; calls of the server or of a worker are made without it.
 */
public final class WorkerPool {
    private static final SurvivingLoop SUPERVISION = new SurvivingLoop("supervisor of workers");

    /** The period of the supervisor. */
    private static final long ROUND_MILLIS = 100;

    /** How long all workers together may take to exit by themselves. */
    private static final long CLOSE_MILLIS = TimeUnit.SECONDS.toMillis(10);

    /** How many workers may start at the same time. */
    private static final int MOST_STARTING = 8;

    /** The maximum back-off between two attempts to start a worker, in s. */
    private static final int LONGEST_PAUSE = 10;

    /** The same while file descriptors run short. */
    private static final int LONGEST_PAUSE_OF_SHORTAGE = 1;

    /** Shortages within this time are logged as one: at the limit, attempts succeed and fail in turn. */
    private static final long NEWS = TimeUnit.SECONDS.toNanos(10);

    private final MixIn.Host host;
    private final EventLog log;
    private final SuspendDetector suspension = new SuspendDetector(System.nanoTime());
    private final PoolSettings settings;
    private final ControlFolder folder;
    private final Thread supervisor;
    private final Set<Kind> loggedHandOvers = ConcurrentHashMap.newKeySet();

    // Guarded by this.
    private final Set<Worker> workers = new LinkedHashSet<>();
    private final Set<Worker> ending = new LinkedHashSet<>();
    /** The worker that was busy last comes first. */
    private final Deque<Worker> idle = new ArrayDeque<>();

    private final Deque<RequestTask> waiting = new ArrayDeque<>();
    private final RestartBackoff failures = new RestartBackoff(LONGEST_PAUSE);
    private final RestartBackoff shortages = new RestartBackoff(LONGEST_PAUSE_OF_SHORTAGE);
    private long shortAt = System.nanoTime() - NEWS;
    private int starting;
    private boolean opening;
    private @Nullable WorkerStartException lastFailure;
    /** True from the last failed attempt until the next request comes. */
    private boolean gaveUp;

    private boolean closed;

    /** True while the accept loop waits for {@link #hasRoom}; written inside of the lock. */
    private volatile boolean loopWaits;

    /**
     * True from an attempt that failed because too few file descriptors were free until a worker is ready. The accept
     * loop takes the lock only then.
     */
    private volatile boolean isShort;

    /**
     * Creates a pool without workers.
     *
     * @throws IOException if the folder where workers connect to their parent can't be created
     */
    public WorkerPool(MixIn.Host host, PoolSettings settings) throws IOException {
        this.host = host;
        log = new EventLog(host::name);
        this.settings = settings;
        folder = ControlFolder.make();
        supervisor = new Thread(this::supervise, host.name() + " supervisor");
        supervisor.setDaemon(true);
    }

    /**
     * Starts {@code minIdle} workers, and waits until the first of them is ready.
     *
     * @throws WorkerStartException if it does not become ready, with what it printed, or the calling thread is
     *     interrupted; no worker is left then
     */
    public void open() throws WorkerStartException {
        boolean ready = false;
        try {
            supervisor.start();
            awaitFirst();
            ready = true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new WorkerStartException("interrupted while the first worker started", interrupted);
        } finally {
            if (!ready) {
                close();
            }
        }
    }

    private synchronized void awaitFirst() throws WorkerStartException, InterruptedException {
        opening = true;
        startWanted();
        while (opening && starting > 0 && lastFailure == null) {
            wait();
        }
        if (lastFailure != null) {
            // Still opening, until the close: the failures of the other workers are not reported as well.
            throw lastFailure;
        }
        opening = false;
    }

    /** Assigns a request to a worker, now or as soon as one is idle. */
    public void submit(RequestTask task) {
        task.onHandled(settings.giveBack());
        RemoteRequest remote = null;
        boolean late;
        synchronized (this) {
            late = closed;
            gaveUp = false;
            Worker worker = late ? null : idle.pollFirst();
            if (worker != null) {
                remote = worker.give(task);
            } else if (!late) {
                waiting.add(task);
            }
            startWanted();
        }
        if (remote != null) {
            send(remote);
        } else if (late) {
            fail(List.of(task), "the server has closed");
        }
    }

    /**
     * Returns whether another request can be accepted. Called by the accept loop.
     *
     * @return false while too few file descriptors are free for another worker, none is idle, and a request is already
     *     waiting: more requests would use the descriptors that the next worker needs
     */
    public boolean hasRoom() {
        if (!isShort) {
            return true;
        }
        synchronized (this) {
            loopWaits = !isRoom();
            return !loopWaits;
        }
    }

    private boolean isRoom() {
        return !isShort || !idle.isEmpty() || waiting.isEmpty();
    }

    /** Wakes the accept loop if it waits and there is room now. */
    private void wakeLoop() {
        if (loopWaits) {
            synchronized (this) {
                if (!loopWaits || !isRoom()) {
                    return;
                }
                loopWaits = false;
            }
            host.wakeup();
        }
    }

    /** Sends a request to its worker; if that fails, the request fails at once and the worker is free again. */
    private void send(RemoteRequest remote) {
        if (!remote.send() && remote.claim()) {
            remote.worker().run(remote);
            freed(remote.worker(), false);
        }
    }

    // Changes of a worker's state

    /**
     * Called when a worker has no request: it gets the next one, becomes idle, or ends.
     *
     * @param isNew true if it has just become ready. Until now it counts as starting; otherwise another would be
     *     started
     */
    void freed(Worker worker, boolean isNew) {
        RemoteRequest remote = null;
        boolean stays;
        synchronized (this) {
            if (isNew) {
                starting--;
                opening = false;
                failures.succeeded();
                shortages.succeeded();
                isShort = false;
                notifyAll();
            }
            worker.free();
            stays = !closed
                    && workers.contains(worker)
                    && !worker.isUsedUp()
                    && workers.size() <= settings.maxChildren().getAsInt();
            RequestTask next = stays ? waiting.pollFirst() : null;
            if (next != null) {
                remote = worker.give(next);
            } else if (stays) {
                idle.addFirst(worker);
            } else {
                leaves(worker);
            }
            startWanted();
        }
        wakeLoop();
        if (remote != null) {
            send(remote);
        } else if (!stays) {
            worker.retire();
        }
    }

    /** Called when a worker gets no more requests; has no effect the second time. */
    synchronized void ends(Worker worker) {
        if (!closed && workers.contains(worker)) {
            settings.died().increment();
        }
        leaves(worker);
        startWanted();
    }

    private void leaves(Worker worker) {
        idle.remove(worker);
        if (workers.remove(worker)) {
            ending.add(worker);
        }
    }

    /** Called when a worker's process has exited, as the last step of its monitor thread. */
    synchronized void gone(Worker worker) {
        ending.remove(worker);
        notifyAll();
    }

    /**
     * Called when a worker was not started or did not become ready.
     *
     * @param shortage true if too few file descriptors were free, which passes when connections end
     */
    void startFailed(Worker worker, WorkerStartException failure, boolean shortage) {
        List<RequestTask> lost = List.of();
        boolean silent;
        boolean hopeless;
        boolean news = true;
        synchronized (this) {
            starting--;
            workers.remove(worker);
            ending.remove(worker);
            silent = closed || opening;
            if (!closed && worker.hadProcess()) {
                settings.died().increment();
            }
            if (opening) {
                lastFailure = failure;
            }
            RestartBackoff backoff = shortage ? shortages : failures;
            long now = System.nanoTime();
            backoff.failed(worker.began(), now);
            if (shortage) {
                isShort = true;
                news = now - shortAt >= NEWS;
                shortAt = now;
            }
            hopeless = !silent && backoff.areTooMany() && workers.size() == starting;
            if (hopeless) {
                gaveUp |= !shortage;
                backoff.succeeded();
                lost = new ArrayList<>(waiting);
                waiting.clear();
            }
            notifyAll();
        }
        wakeLoop();
        if (!silent) {
            logStartFailure(failure, shortage, news);
        }
        if (hopeless && !shortage) {
            host.endServing(new WorkerStartException(
                    "no worker becomes ready, tried " + RestartBackoff.MOST + " times; the last: "
                            + failure.getMessage(),
                    failure));
        }
        // In a shortage, they may hold the descriptors that a worker needs.
        fail(lost, String.valueOf(failure.getMessage()));
    }

    private void logStartFailure(WorkerStartException failure, boolean shortage, boolean news) {
        boolean stopping = host.isStopping();
        if (shortage) {
            boolean warns = news && !stopping;
            // Two kinds, so that many records at DEBUG do not suppress the one at WARNING.
            log.log(
                    warns ? Level.WARNING : Level.DEBUG,
                    warns ? "no descriptors for worker" : "still no descriptors for worker",
                    host.name() + ": no file descriptors for another worker, retrying with back-off up to "
                            + LONGEST_PAUSE_OF_SHORTAGE + " s: " + failure.getMessage());
        } else {
            // A signal that stops the server may reach a worker before it ignores signals: Ctrl-C in a terminal.
            log.block(
                    stopping ? Level.DEBUG : Level.ERROR,
                    "worker not ready",
                    () -> host.name() + ": " + failure.getMessage());
        }
    }

    /** Starts missing workers within the limits. Called with the lock held. */
    private void startWanted() {
        try {
            long now = System.nanoTime();
            int wanted = Math.min(
                    waiting.size() + Math.max(0, settings.minIdle() - idle.size()), isShort ? 1 : MOST_STARTING);
            while (!closed
                    && !gaveUp
                    && starting < wanted
                    && workers.size() < settings.maxChildren().getAsInt()
                    && failures.mayStart(now)
                    && shortages.mayStart(now)) {
                startWorker(now);
            }
        } catch (RuntimeException | Error failure) {
            // For example from an overridden name(). This is tried again ten times a second.
            log.log(Level.ERROR, "worker not started", "no worker can be started", failure);
        }
    }

    private void startWorker(long now) {
        Worker worker = new Worker(this, quota());
        // A platform thread: starting processes and junixsocket do not work well on virtual threads.
        Thread monitor = new Thread(worker, host.name() + " worker");
        monitor.setDaemon(true);
        starting++;
        workers.add(worker);
        try {
            monitor.start();
        } catch (OutOfMemoryError noThread) {
            starting--;
            workers.remove(worker);
            failures.failed(now, now);
            log.log(
                    Level.ERROR,
                    "worker not started",
                    host.name() + " has no thread for another worker: " + noThread.getMessage());
        }
    }

    private int quota() {
        int most = settings.requestsPerChild();
        return most == 0
                ? Integer.MAX_VALUE
                : most - ThreadLocalRandom.current().nextInt(Math.min(settings.requestsJitter(), most - 1) + 1);
    }

    /** Supervises the workers until interrupted. */
    private void supervise() {
        SUPERVISION.run(() -> {
            try {
                TimeUnit.MILLISECONDS.sleep(ROUND_MILLIS);
            } catch (InterruptedException closing) {
                return false;
            }
            look();
            return true;
        });
    }

    /** Ends workers that take too long or are not needed, and starts missing workers. */
    public void look() {
        long now = System.nanoTime();
        List<Worker> surplus = new ArrayList<>();
        synchronized (this) {
            startWanted();
            while (isOneTooMany(now)) {
                Worker last = idle.getLast();
                leaves(last);
                surplus.add(last);
            }
        }
        wakeLoop();
        surplus.forEach(Worker::retire);
        if (!suspension.isOn(now)) {
            all().forEach(worker -> worker.look(now));
        }
    }

    private boolean isOneTooMany(long now) {
        return !idle.isEmpty()
                && (workers.size() > settings.maxChildren().getAsInt()
                        || (idle.size() > settings.minIdle()
                                && idle.getLast().idle(now) >= Checks.nanos(settings.idleTimeout())));
    }

    /** Returns a snapshot of each worker, including workers that are ending. */
    public List<WorkerState> states() {
        return all().stream().map(Worker::state).toList();
    }

    private synchronized List<Worker> all() {
        List<Worker> all = new ArrayList<>(workers);
        all.addAll(ending);
        return all;
    }

    // Close

    /**
     * Ends all workers: idle workers are asked to exit, others are killed. Returns when no process is left. If it is
     * called by a hook on the monitor thread of a worker, that worker is left until the hook returns.
     */
    public void close() {
        List<RequestTask> lost;
        List<Worker> unused;
        synchronized (this) {
            closed = true;
            lost = new ArrayList<>(waiting);
            waiting.clear();
            unused = List.copyOf(idle);
            unused.forEach(this::leaves);
        }
        supervisor.interrupt();
        fail(lost, "the server has closed");
        for (Worker worker : all()) {
            if (unused.contains(worker) || worker.isAtRest()) {
                worker.retire();
            } else {
                worker.kill("the server has closed");
            }
        }
        awaitAll();
        log.close();
        try {
            folder.remove();
        } catch (IOException failure) {
            log.log(Level.WARNING, "worker folder", "the folder of the workers can't be removed: " + failure);
        }
    }

    private void awaitAll() {
        Uninterrupted.await(CLOSE_MILLIS, this::awaitGone);
        for (Worker worker : all()) {
            if (!worker.isMonitoredHere()) {
                log.log(
                        Level.WARNING,
                        "worker did not end",
                        worker + " of " + host.name() + " did not end, and is killed");
                worker.kill("the server has closed");
            }
        }
    }

    /** Waits until no worker is left, except the one whose monitor thread calls this in a hook. */
    private synchronized boolean awaitGone(long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (!all().stream().allMatch(Worker::isMonitoredHere)) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    private void fail(List<RequestTask> tasks, String why) {
        tasks.forEach(task -> RemoteRequest.fail(this, task, why));
    }

    // Used by workers

    ControlSocket controlSocket() throws IOException {
        return ControlSocket.at(folder.next());
    }

    List<String> command() {
        return WorkerCommand.of(host.name(), settings.descriptors(), settings.workerOptions());
    }

    /** Returns the first message to a worker. */
    Start start(Path control, long secret) {
        return new Start(
                control,
                secret,
                settings.descriptors(),
                host.handlerSource().handlerClass().orElseThrow().getName(),
                host.transport(),
                identity(),
                host.options());
    }

    Identity identity() {
        return new Identity(host.name(), host.address());
    }

    /** Logs how connections are passed to workers, once for each way: both occur if only some have a channel. */
    void handsOver(Kind way) {
        if (!loggedHandOvers.add(way)) {
            return;
        }
        String server = "the server for " + host.transport();
        if (way == Kind.DESCRIPTOR) {
            log.log(Level.INFO, "hand-over", server + " hands connections to its workers as descriptors");
        } else {
            log.log(
                    settings.handOver() == HandOver.DESCRIPTOR ? Level.WARNING : Level.INFO,
                    "hand-over",
                    server + " relays connections to its workers: they have no channel to hand over");
        }
    }

    MixIn.Host host() {
        return host;
    }

    EventLog log() {
        return log;
    }

    PoolSettings settings() {
        return settings;
    }

    /**
     * Returns whether workers wait for a message of the parent before they end a connection. A worker that has the
     * descriptor would otherwise let the client see the end before the request is counted here.
     */
    boolean awaitsRelease() {
        return settings.descriptors();
    }
}
