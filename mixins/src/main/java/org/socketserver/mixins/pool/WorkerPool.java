package org.socketserver.mixins.pool;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Limits;
import org.socketserver.api.WhenFull;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.HandOver;
import org.socketserver.mixins.WorkerStartException;
import org.socketserver.mixins.WorkerState;
import org.socketserver.mixins.wire.Assignment;
import org.socketserver.mixins.wire.Identity;
import org.socketserver.mixins.wire.Setup;

/**
 * The workers of one server: which of them wait, which requests wait for one of them, and how many there shall be.
 *
 * <p>The worker that was busy last gets the next request, so that those that are not needed become idle. All methods
 * may be called by any thread.
 */
public final class WorkerPool {
    /** How long workers may take altogether until they have ended by themselves. */
    private static final long CLOSE = TimeUnit.SECONDS.toNanos(10);

    /** Most workers that start at once. */
    private static final int MOST_STARTING = 8;

    /** The longest pause between two tries to start a worker, in s. */
    private static final int LONGEST_PAUSE = 10;

    /** The same while too few file descriptors are free. */
    private static final int LONGEST_PAUSE_OF_SHORTAGE = 1;

    /** At the limit, tries succeed and fail in turn; that is one shortage of file descriptors, and not many. */
    private static final long NEWS = TimeUnit.SECONDS.toNanos(10);

    private final MixIn.Host host;
    private final EventLog log;
    private final Standstill standstill = new Standstill(System.nanoTime());
    private final PoolSettings settings;
    private final boolean descriptors;
    private final IntSupplier maxChildren;
    private final Runnable giveBack;
    private final WorkerCounts counts;
    private final ControlFolder folder;
    private final Supervisor supervisor;
    private final Set<Assignment.Kind> handOversSaid = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by the lock.
    private final Set<Worker> workers = new LinkedHashSet<>();
    private final Set<Worker> ending = new LinkedHashSet<>();
    /** The one that was busy last comes first. */
    private final Deque<Worker> idle = new ArrayDeque<>();

    private final Deque<RequestTask> waiting = new ArrayDeque<>();
    private final Births births = new Births(LONGEST_PAUSE);
    private final Births shortages = new Births(LONGEST_PAUSE_OF_SHORTAGE);
    private long shortAt = System.nanoTime() - NEWS;
    /** True while the accept loop waits for {@link #hasRoom}. */
    private boolean loopWaits;

    private int starting;
    private boolean opening;
    private @Nullable WorkerStartException lastFailure;
    /** True from the last failed try until the next request comes. */
    private boolean gaveUp;

    private boolean closed;

    /**
     * True from a try that failed because too few file descriptors were free until a worker is ready. The accept loop
     * takes the lock only then.
     */
    private volatile boolean isShort;

    /**
     * Makes a pool without workers.
     *
     * @param host the server
     * @param settings how workers are started and kept
     * @param descriptors true if connections are handed over as descriptors
     * @param maxChildren gives the most workers there may be
     * @param giveBack called once for each request, when its handler has ended
     * @param counts where starts and deaths are counted
     * @throws IOException if the folder where workers meet their parent can't be made
     */
    public WorkerPool(
            MixIn.Host host,
            PoolSettings settings,
            boolean descriptors,
            IntSupplier maxChildren,
            Runnable giveBack,
            WorkerCounts counts)
            throws IOException {
        this.host = host;
        log = new EventLog(host::name);
        this.settings = settings;
        this.descriptors = descriptors;
        this.maxChildren = maxChildren;
        this.giveBack = giveBack;
        this.counts = counts;
        folder = ControlFolder.make();
        supervisor = new Supervisor(this);
    }

    /**
     * Starts the workers that shall wait, and waits until the first of them is ready.
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
        } finally {
            if (!ready) {
                close();
            }
        }
    }

    private void awaitFirst() throws WorkerStartException {
        lock.lock();
        try {
            opening = true;
            startWanted();
            while (opening && starting > 0 && lastFailure == null) {
                changed.await();
            }
            if (lastFailure != null) {
                // Still opening, until the close: the failures of the other workers are not reported as well.
                throw lastFailure;
            }
            opening = false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new WorkerStartException("interrupted while the first worker started", interrupted);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Assigns a request to a worker, now or as soon as one is idle.
     *
     * @param task the request
     */
    public void submit(RequestTask task) {
        task.onHandled(giveBack);
        Job job = null;
        boolean lost;
        lock.lock();
        try {
            lost = closed;
            gaveUp = false;
            Worker worker = lost ? null : idle.pollFirst();
            if (worker != null) {
                job = worker.give(task);
            } else if (!lost) {
                waiting.add(task);
            }
            startWanted();
        } finally {
            lock.unlock();
        }
        if (job != null) {
            send(job);
        } else if (lost) {
            fail(List.of(task), "the server has closed");
        }
    }

    /**
     * Returns whether one more request can be taken in. Called by the accept loop.
     *
     * @return false while too few file descriptors are free for another worker, none is idle, and a request is already
     *     waiting: others would take the descriptors that the next worker needs
     */
    public boolean hasRoom() {
        if (!isShort) {
            return true;
        }
        lock.lock();
        try {
            loopWaits = !isRoom();
            return !loopWaits;
        } finally {
            lock.unlock();
        }
    }

    private boolean isRoom() {
        return !isShort || !idle.isEmpty() || waiting.isEmpty();
    }

    /** Returns whether the accept loop is to be woken, outside of the lock. Inside of the lock. */
    private boolean takeWakeup() {
        boolean wakes = loopWaits && isRoom();
        loopWaits &= !wakes;
        return wakes;
    }

    /** Sends a request to its worker; if that can't be done, it fails at once and the worker is free again. */
    private void send(Job job) {
        if (!job.send() && job.claim()) {
            job.worker().run(job);
            freed(job.worker());
        }
    }

    // The life of a worker

    /** The process of a worker was started. */
    void started() {
        counts.start();
    }

    /**
     * A worker is ready. It counts as starting until it is idle or has a request: otherwise another would be started.
     */
    void born(Worker worker) {
        free(worker, true);
    }

    /** A worker has no request, and gets the next one, or waits for it, or is not needed any more. */
    void freed(Worker worker) {
        free(worker, false);
    }

    private void free(Worker worker, boolean isNew) {
        Job job = null;
        boolean stays = true;
        boolean wakes;
        lock.lock();
        try {
            if (isNew) {
                starting--;
                opening = false;
                births.succeeded();
                shortages.succeeded();
                isShort = false;
                changed.signalAll();
            }
            worker.free();
            stays = !closed
                    && workers.contains(worker)
                    && !worker.isUsedUp()
                    && workers.size() <= maxChildren.getAsInt();
            RequestTask next = stays ? waiting.pollFirst() : null;
            if (next != null) {
                job = worker.give(next);
            } else if (stays) {
                idle.addFirst(worker);
            } else {
                leaves(worker);
            }
            startWanted();
            wakes = takeWakeup();
        } finally {
            lock.unlock();
        }
        if (wakes) {
            host.wakeup();
        }
        if (job != null) {
            send(job);
        } else if (!stays) {
            worker.retire();
        }
    }

    /** A worker gets no more requests; without effect the second time. */
    void ends(Worker worker) {
        lock.lock();
        try {
            if (!closed && workers.contains(worker)) {
                counts.death();
            }
            leaves(worker);
            startWanted();
        } finally {
            lock.unlock();
        }
    }

    private void leaves(Worker worker) {
        idle.remove(worker);
        if (workers.remove(worker)) {
            ending.add(worker);
        }
    }

    /** A worker's process has ended, and its keeper is about to. */
    void gone(Worker worker) {
        lock.lock();
        try {
            ending.remove(worker);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * A worker was not started, or has ended before it was ready.
     *
     * @param shortage true if that was because too few file descriptors were free, which passes: clients that leave
     *     make room
     */
    void stillborn(Worker worker, WorkerStartException failure, boolean shortage) {
        List<RequestTask> lost = List.of();
        boolean silent;
        boolean hopeless;
        boolean wakes;
        boolean news = true;
        Births failures = shortage ? shortages : births;
        lock.lock();
        try {
            starting--;
            workers.remove(worker);
            ending.remove(worker);
            silent = closed || opening;
            if (!closed && worker.hadProcess()) {
                counts.death();
            }
            if (opening) {
                lastFailure = failure;
            }
            long now = System.nanoTime();
            failures.failed(worker.began(), now);
            if (shortage) {
                isShort = true;
                news = now - shortAt >= NEWS;
                shortAt = now;
            }
            hopeless = !silent && failures.areTooMany() && workers.size() == starting;
            if (hopeless) {
                gaveUp |= !shortage;
                failures.succeeded();
                lost = new ArrayList<>(waiting);
                waiting.clear();
            }
            wakes = takeWakeup();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (wakes) {
            host.wakeup();
        }
        if (!silent && shortage) {
            boolean warns = news && !host.isStopping();
            // Two kinds: the many at DEBUG must not suppress the one at WARNING.
            log.log(
                    warns ? Level.WARNING : Level.DEBUG,
                    warns ? "no descriptors for worker" : "still no descriptors for worker",
                    host.name() + ": no file descriptors for another worker, retrying with back-off up to "
                            + LONGEST_PAUSE_OF_SHORTAGE + " s: " + failure.getMessage());
        } else if (!silent) {
            // What stops a server may reach a worker that is not ready to ignore it: Ctrl-C in a terminal.
            log.block(
                    host.isStopping() ? Level.DEBUG : Level.ERROR,
                    "worker not ready",
                    () -> host.name() + ": " + failure.getMessage());
        }
        if (hopeless && shortage) {
            // They may hold the descriptors that a worker needs.
            fail(lost, String.valueOf(failure.getMessage()));
        } else if (hopeless) {
            host.endServing(new WorkerStartException(
                    "no worker becomes ready, tried " + Births.MOST + " times; the last: " + failure.getMessage(),
                    failure));
            fail(lost, String.valueOf(failure.getMessage()));
        }
    }

    /**
     * Starts as many workers as requests wait for, and as shall wait for requests, within the bounds. Inside of the
     * lock.
     */
    private void startWanted() {
        try {
            startWorkers();
        } catch (RuntimeException | Error failure) {
            // For example of an overridden name of the server. It is tried again ten times a second.
            log.log(Level.ERROR, "worker not started", "no worker can be started", failure);
        }
    }

    private void startWorkers() {
        long now = System.nanoTime();
        int wanted =
                Math.min(waiting.size() + Math.max(0, settings.minIdle() - idle.size()), isShort ? 1 : MOST_STARTING);
        while (!closed
                && !gaveUp
                && starting < wanted
                && workers.size() < maxChildren.getAsInt()
                && births.mayStart(now)
                && shortages.mayStart(now)) {
            Worker worker = new Worker(this, quota());
            // Platform threads: a process is not started well on a virtual one, nor junixsocket used.
            Thread keeper = new Thread(worker, serverName() + " worker");
            keeper.setDaemon(true);
            starting++;
            workers.add(worker);
            try {
                keeper.start();
            } catch (OutOfMemoryError noThread) {
                starting--;
                workers.remove(worker);
                births.failed(now, now);
                log.log(
                        Level.ERROR,
                        "worker not started",
                        host.name() + " has no thread for another worker: " + noThread.getMessage());
            }
        }
    }

    private int quota() {
        int most = settings.requestsPerChild();
        return most == 0
                ? Integer.MAX_VALUE
                : most - ThreadLocalRandom.current().nextInt(Math.min(settings.requestsJitter(), most - 1) + 1);
    }

    /** Ends what takes too long or is not needed, and starts what is missing. */
    public void look() {
        long now = System.nanoTime();
        List<Worker> current;
        List<Worker> surplus = new ArrayList<>();
        boolean wakes;
        lock.lock();
        try {
            startWanted();
            while (isOneTooMany(now)) {
                Worker last = idle.getLast();
                leaves(last);
                surplus.add(last);
            }
            current = all();
            wakes = takeWakeup();
        } finally {
            lock.unlock();
        }
        if (wakes) {
            host.wakeup();
        }
        surplus.forEach(Worker::retire);
        if (!standstill.isOn(now)) {
            current.forEach(worker -> worker.look(now));
        }
    }

    private boolean isOneTooMany(long now) {
        return !idle.isEmpty()
                && (workers.size() > maxChildren.getAsInt()
                        || (idle.size() > settings.minIdle()
                                && idle.getLast().idle(now)
                                        >= settings.idleTimeout().toNanos()));
    }

    /**
     * Takes pictures of all workers.
     *
     * @return one for each, those that are about to end included
     */
    public List<WorkerState> states() {
        return all().stream().map(Worker::state).toList();
    }

    private List<Worker> all() {
        lock.lock();
        try {
            List<Worker> all = new ArrayList<>(workers);
            all.addAll(ending);
            return all;
        } finally {
            lock.unlock();
        }
    }

    // The end

    /**
     * Ends all workers: those that have nothing to do are asked to, others are killed. Returns when no process is left;
     * for a hook that runs on the thread of a worker's keeper, that one is left until the hook returns.
     */
    public void close() {
        List<RequestTask> lost;
        List<Worker> unused;
        lock.lock();
        try {
            closed = true;
            lost = new ArrayList<>(waiting);
            waiting.clear();
            unused = List.copyOf(idle);
            unused.forEach(this::leaves);
        } finally {
            lock.unlock();
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
        long began = System.nanoTime();
        boolean interrupted = false;
        lock.lock();
        try {
            for (long left = CLOSE; !isEmpty() && left > 0; left = CLOSE - (System.nanoTime() - began)) {
                try {
                    changed.awaitNanos(left);
                } catch (InterruptedException waitOn) {
                    interrupted = true;
                }
            }
        } finally {
            lock.unlock();
        }
        for (Worker worker : all()) {
            if (!worker.isKeptHere()) {
                log.log(
                        Level.WARNING,
                        "worker did not end",
                        worker + " of " + host.name() + " did not end, and is killed");
                worker.kill("the server has closed");
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Returns whether there is no worker to wait for. A hook on the monitor thread of a worker does not wait for that
     * worker.
     */
    private boolean isEmpty() {
        return workers.stream().allMatch(Worker::isKeptHere) && ending.stream().allMatch(Worker::isKeptHere);
    }

    private static void fail(List<RequestTask> tasks, String why) {
        for (RequestTask task : tasks) {
            task.handleElsewhere(new LostHandling(why));
            task.run();
        }
    }

    // What workers need to know

    Meeting meeting() throws IOException {
        return Meeting.at(folder.next(), descriptors);
    }

    List<String> command() {
        return WorkerCommand.of(serverName(), descriptors, settings.workerOptions());
    }

    Setup setup() {
        return new Setup(
                host.handlerSource().handlerClass().orElseThrow().getName(),
                host.transport(),
                identity(),
                host.options());
    }

    Identity identity() {
        return new Identity(serverName(), host.address());
    }

    /** Logs how connections go to workers, once for each way; both happen if only some of them have a channel. */
    void handsOver(Assignment.Kind way) {
        if (!handOversSaid.add(way)) {
            return;
        }
        String server = "the server for " + host.transport();
        if (way == Assignment.Kind.DESCRIPTOR) {
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

    boolean descriptors() {
        return descriptors;
    }

    String serverName() {
        return host.name();
    }

    /** Frees the slot of a request. */
    void giveBack() {
        giveBack.run();
    }

    /**
     * Returns whether a peer that reconnects too early could be rejected, so that it must not see the end too early.
     */
    boolean awaitsRelease() {
        Limits limits = host.options().limits();
        return limits.perClient() > 0 || limits.whenFull() != WhenFull.WAIT;
    }

    boolean isStopping() {
        return host.isStopping();
    }
}
