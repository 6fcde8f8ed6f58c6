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
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.WorkerState;
import org.socketserver.api.internal.Checks;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.internal.SurvivingLoop;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.HandOver;
import org.socketserver.mixins.WorkerStartException;
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
    private static final long CLOSE = TimeUnit.SECONDS.toNanos(10);

    /** How many workers may start at the same time. */
    private static final int MAX_STARTING = 8;

    /** Shortages within this time are logged as one: at the limit, attempts succeed and fail in turn. */
    private static final long NEWS = TimeUnit.SECONDS.toNanos(10);

    private final MixIn.Host host;
    private final EventLog log;
    private final SuspendDetector suspension = new SuspendDetector(System.nanoTime());
    private final PoolSettings settings;
    private final ControlFolder folder;
    private final Thread supervisor;
    private final ExecutorService readers;
    private final Set<Kind> loggedHandOvers = ConcurrentHashMap.newKeySet();

    /** Stands in for the worker of a request that has none. */
    private final Worker nobody;

    // Guarded by this.
    private final Set<Worker> workers = new LinkedHashSet<>();
    private final Set<Worker> ending = new LinkedHashSet<>();
    /** The worker that was busy last comes first. */
    private final Deque<Worker> idle = new ArrayDeque<>();

    private final Deque<RequestTask> waiting = new ArrayDeque<>();
    private final RestartBackoff backoff = new RestartBackoff();
    private long shortAt = System.nanoTime() - NEWS;
    private boolean opening;
    private @Nullable WorkerStartException lastFailure;
    /** True from the last failed attempt until the next request comes. */
    private boolean gaveUp;

    private volatile boolean closed;

    /**
     * Creates a pool without workers.
     *
     * @throws IOException if the folder where workers connect to their parent can't be created
     */
    public WorkerPool(MixIn.Host host, PoolSettings settings) throws IOException {
        this.host = host;
        nobody = new Worker(this, 0);
        log = new EventLog(host::name);
        this.settings = settings;
        folder = ControlFolder.make();
        supervisor = daemon(this::supervise, host.name() + " supervisor");
        readers = Executors.newCachedThreadPool(work -> daemon(work, host.name() + " relay"));
    }

    static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
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
        while (opening && starting() > 0 && lastFailure == null) {
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
        RemoteRequest next;
        synchronized (this) {
            waiting.add(task);
            gaveUp = false;
            next = assignNext();
            if (next == null || next.task() != task) {
                // So that a stop or a deadline ends it while it waits.
                task.delegateTo(RemoteRequest.unassigned(nobody, task));
            }
            startWanted();
        }
        send(next);
        if (closed) {
            fail(takeWaiting(), "the server has closed");
        }
    }

    /** Assigns the first request that waits to the first idle worker; null if there are not both. */
    private @Nullable RemoteRequest assignNext() {
        return closed || waiting.isEmpty() || idle.isEmpty()
                ? null
                : idle.removeFirst().give(waiting.removeFirst());
    }

    /** Sends a request to its worker; if that fails, the request fails at once and the worker is free again. */
    private void send(@Nullable RemoteRequest remote) {
        if (remote != null && !remote.send() && remote.take()) {
            remote.worker().run(remote);
            freed(remote.worker());
        }
    }

    /** Fails a request on another thread, unless it has a worker. */
    void cancel(RequestTask task) {
        boolean waited;
        synchronized (this) {
            waited = waiting.remove(task);
        }
        if (waited) {
            Runnable failing = () -> fail(List.of(task), "it was ended before");
            try {
                readers.execute(failing);
            } catch (OutOfMemoryError | RejectedExecutionException noThread) {
                failing.run();
            }
        }
    }

    private synchronized List<RequestTask> takeWaiting() {
        List<RequestTask> taken = List.copyOf(waiting);
        waiting.clear();
        return taken;
    }

    private void fail(List<RequestTask> tasks, String why) {
        tasks.forEach(task -> log.contained("a request without a worker", () -> RemoteRequest.fail(nobody, task, why)));
    }

    /**
     * Returns whether another request can be accepted. Called by the accept loop and by handshakes.
     *
     * @return false while too few file descriptors are free for another worker, none is idle, and a request is already
     *     waiting: more requests would use the descriptors that the next worker needs
     */
    public boolean hasRoom() {
        return !backoff.isShort() || isRoom();
    }

    private synchronized boolean isRoom() {
        return !backoff.isShort() || !idle.isEmpty() || waiting.isEmpty();
    }

    /** Wakes the accept loop, which may wait if descriptors were short before a change, if there is room after it. */
    private void wakeLoop(boolean wasShort) {
        if (wasShort && isRoom()) {
            host.wakeup();
        }
    }

    // Changes of a worker's state

    /** Called when a worker is ready or has finished its request: it gets the next one, becomes idle, or ends. */
    void freed(Worker worker) {
        RemoteRequest next;
        boolean stays;
        boolean wasShort;
        synchronized (this) {
            wasShort = backoff.isShort();
            if (worker.isStarting()) {
                opening = false;
                backoff.succeeded();
                notifyAll();
            }
            worker.free();
            stays = !closed
                    && workers.contains(worker)
                    && !worker.isLost()
                    && !worker.isUsedUp()
                    && workers.size() <= settings.maxChildren().getAsInt();
            if (stays) {
                idle.addFirst(worker);
            } else {
                leaves(worker);
            }
            next = assignNext();
            startWanted();
        }
        wakeLoop(wasShort);
        send(next);
        if (!stays) {
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
        boolean wasShort;
        synchronized (this) {
            wasShort = backoff.isShort();
            workers.remove(worker);
            silent = closed || opening;
            if (!closed && worker.hadProcess()) {
                settings.died().increment();
            }
            if (opening) {
                lastFailure = failure;
            }
            long now = System.nanoTime();
            backoff.failed(worker.began(), now, shortage);
            if (shortage) {
                news = now - shortAt >= NEWS;
                shortAt = now;
            }
            hopeless = !silent && backoff.areTooMany() && workers.size() == starting();
            if (hopeless) {
                gaveUp |= !shortage;
                backoff.restart();
                lost = takeWaiting();
            }
            notifyAll();
        }
        wakeLoop(wasShort);
        if (!silent) {
            logStartFailure(failure, shortage, news);
        }
        if (hopeless && !shortage) {
            host.endServing(new WorkerStartException(
                    "no worker becomes ready, tried " + RestartBackoff.MAX + " times; the last: "
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
                            + RestartBackoff.MAX_PAUSE_OF_SHORTAGE + " s: " + failure.getMessage());
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
            int wanted = waiting.size() + Math.max(0, settings.minIdle() - idle.size());
            int more = Math.min(wanted, backoff.isShort() ? 1 : MAX_STARTING) - (wanted > 0 ? starting() : 0);
            while (more > 0
                    && !closed
                    && !gaveUp
                    && workers.size() < settings.maxChildren().getAsInt()
                    && backoff.mayStart(now)) {
                startWorker(now);
                more--;
            }
        } catch (RuntimeException | Error failure) {
            // For example from an overridden name(). This is tried again ten times a second.
            log.log(Level.ERROR, "worker not started", "no worker can be started", failure);
        }
    }

    /** Returns how many workers are starting. */
    private synchronized int starting() {
        return (int) workers.stream().filter(Worker::isStarting).count();
    }

    private void startWorker(long now) {
        Worker worker = new Worker(this, quota());
        workers.add(worker);
        try {
            worker.start();
        } catch (OutOfMemoryError noThread) {
            workers.remove(worker);
            backoff.failed(now, now, false);
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
            check();
            return true;
        });
    }

    /** Ends workers that take too long or are not needed, and starts missing workers. */
    public void check() {
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
        surplus.forEach(Worker::retire);
        if (!suspension.isOn(now)) {
            all().forEach(worker -> worker.check(now));
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
        synchronized (this) {
            closed = true;
        }
        supervisor.interrupt();
        fail(takeWaiting(), "the server has closed");
        for (Worker worker : all()) {
            if (worker.isAtRest()) {
                worker.retire();
            } else {
                worker.kill("the server has closed");
            }
        }
        long end = System.nanoTime() + CLOSE;
        for (Worker worker : all()) {
            if (!worker.awaitEnd(end)) {
                log.log(
                        Level.WARNING,
                        "worker did not end",
                        worker + " of " + host.name() + " did not end, and is killed");
                worker.kill("the server has closed");
            }
        }
        readers.shutdown();
        log.close();
        try {
            folder.remove();
        } catch (IOException failure) {
            log.log(Level.WARNING, "worker folder", "the folder of the workers can't be removed: " + failure);
        }
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
        // Created by the log, because an override of transport() may throw.
        if (way == Kind.DESCRIPTOR) {
            log.log(
                    Level.INFO,
                    "hand-over",
                    () -> "the server for " + host.transport() + " hands connections to its workers as descriptors");
        } else {
            log.log(
                    settings.handOver() == HandOver.DESCRIPTOR ? Level.WARNING : Level.INFO,
                    "hand-over",
                    () -> "the server for " + host.transport()
                            + " relays connections to its workers: they have no channel to hand over");
        }
    }

    /** Returns the threads that read relayed connections. */
    Executor readers() {
        return readers;
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
}
