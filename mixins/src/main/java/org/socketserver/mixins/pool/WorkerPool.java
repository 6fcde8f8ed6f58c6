package org.socketserver.mixins.pool;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.MixIn;
import org.socketserver.api.RequestTask;
import org.socketserver.mixins.WorkerStartException;
import org.socketserver.mixins.WorkerState;
import org.socketserver.mixins.WorkerState.Phase;
import org.socketserver.mixins.wire.Identity;
import org.socketserver.mixins.wire.Setup;

/**
 * The workers of one server: which of them wait, which requests wait for one of them, and how many there shall be.
 *
 * <p>The worker that was busy last gets the next request, so that those that are not needed become idle. All methods may be
 * called by any thread.
 */
public final class WorkerPool {
    private static final System.Logger LOG = System.getLogger("org.socketserver");
    /** How often idle workers are asked whether they are alive, at least. */
    private static final long PING = TimeUnit.SECONDS.toNanos(1);

    /** Whoever takes longer to answer that is not counted on. */
    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(200);

    private static final long JOIN_MILLIS = 5_000;

    private final MixIn.Host host;
    private final PoolSettings settings;
    private final boolean descriptors;
    private final IntSupplier maxChildren;
    private final ControlFolder folder;
    private final Supervisor supervisor;
    private final ReentrantLock lock = new ReentrantLock();

    // All guarded by the lock.
    private final Map<Worker, Place> workers = new HashMap<>();
    private final Set<Worker> ending = new LinkedHashSet<>();
    private final Deque<Worker> idle = new ArrayDeque<>();
    private final Deque<RequestTask> waiting = new ArrayDeque<>();
    private final Births births = new Births();
    private final Condition changed = lock.newCondition();
    private int starting;
    /** Idle workers that were asked whether they are alive, and since when they have not answered. */
    private final Map<Worker, Long> asked = new HashMap<>();

    private boolean opening;
    private @Nullable WorkerStartException lastFailure;
    private boolean closed;

    /** Where the keeper of a worker waits for a request. */
    private static final class Place {
        final Thread keeper;
        final Condition given;

        @Nullable
        RequestTask task;

        Place(Thread keeper, Condition given) {
            this.keeper = keeper;
            this.given = given;
        }
    }

    /**
     * Makes a pool without workers.
     *
     * @param host the server
     * @param settings how workers are started and kept
     * @param descriptors true if connections are handed over as descriptors
     * @param maxChildren gives the most workers there may be
     * @throws IOException if the folder where workers meet their parent can't be made
     */
    public WorkerPool(MixIn.Host host, PoolSettings settings, boolean descriptors, IntSupplier maxChildren)
            throws IOException {
        this.host = host;
        this.settings = settings;
        this.descriptors = descriptors;
        this.maxChildren = maxChildren;
        folder = ControlFolder.make();
        supervisor = new Supervisor(this);
    }

    /**
     * Starts the workers that shall wait, and waits until the first of them is ready.
     *
     * @throws WorkerStartException if it does not become ready, with what it printed, or the calling thread is interrupted; no
     *     worker is left then
     */
    public void open() throws WorkerStartException {
        supervisor.start();
        lock.lock();
        try {
            opening = true;
            startWanted();
            while (opening && starting > 0 && lastFailure == null) {
                changed.await();
            }
            opening = false;
            if (lastFailure == null) {
                return;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            lastFailure = new WorkerStartException("interrupted while the first worker started", interrupted);
        } finally {
            opening = false;
            lock.unlock();
        }
        close();
        throw lastFailure;
    }

    /**
     * Gives a request to a worker, now or as soon as one is there.
     *
     * @param task the request
     */
    public void submit(RequestTask task) {
        lock.lock();
        try {
            if (!closed) {
                if (give(task)) {
                    return;
                }
                waiting.add(task);
                if (births.isGivenUp()) {
                    // Somebody serves again, so it may be better now.
                    births.succeeded();
                }
                startWanted();
                return;
            }
        } finally {
            lock.unlock();
        }
        task.run(new LostHandling("the server has closed"));
    }

    /** Gives a request to an idle worker; false if there is none. */
    private boolean give(RequestTask task) {
        Worker worker = idle.pollFirst();
        Place place = worker == null ? null : workers.get(worker);
        if (place == null) {
            return false;
        }
        place.task = task;
        place.given.signal();
        return true;
    }

    /** Takes a request back that was given to a worker at the very moment in which that was lost. */
    private void takeBack(RequestTask task) {
        if (!give(task)) {
            waiting.addFirst(task);
        }
        startWanted();
    }

    // The life of a worker, told by its keeper

    void born(Worker worker) {
        lock.lock();
        try {
            starting--;
            opening = false;
            births.succeeded();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void stillborn(Worker worker, WorkerStartException failure) {
        List<RequestTask> lost = List.of();
        lock.lock();
        try {
            starting--;
            workers.remove(worker);
            if (opening) {
                lastFailure = failure;
            }
            changed.signalAll();
            if (closed || opening) {
                return;
            }
            // What stops a server may reach a worker that is not ready to ignore it: Ctrl-C in a terminal.
            LOG.log(host.isStopping() ? Level.DEBUG : Level.ERROR, host.name() + ": " + failure.getMessage());
            if (births.failed(System.nanoTime())) {
                lost = new ArrayList<>(waiting);
                waiting.clear();
                host.endServing(new WorkerStartException(
                        Births.MOST + " workers in a row did not become ready; the last: " + failure.getMessage(),
                        failure));
            }
        } finally {
            lock.unlock();
            fail(lost, failure.getMessage());
        }
    }

    /** Waits for the next request of a worker; null if it shall get no more. */
    @Nullable
    RequestTask next(Worker worker) {
        long idleSince = System.nanoTime();
        lock.lock();
        try {
            while (true) {
                if (closed || worker.isLost() || worker.isUsedUp()) {
                    return null;
                }
                RequestTask task = waiting.pollFirst();
                if (task != null) {
                    startWanted();
                    return task;
                }
                task = awaitTask(worker);
                if (task != null && worker.isLost()) {
                    takeBack(task);
                    return null;
                }
                if (task != null || closed || worker.isLost() || isTooMany(idleSince)) {
                    return task;
                }
                if (!ping(worker)) {
                    return null;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable RequestTask awaitTask(Worker worker) {
        Place place = workers.get(worker);
        if (place == null) {
            return null;
        }
        worker.phase(Phase.IDLE);
        idle.addFirst(worker);
        try {
            long left = Math.min(PING, settings.heartbeatTimeout().toNanos() / 2);
            while (place.task == null && !closed && !worker.isLost() && left > 0) {
                left = place.given.awaitNanos(left);
            }
        } catch (InterruptedException asIfLost) {
            worker.kill("its keeper was interrupted");
        }
        idle.remove(worker);
        RequestTask task = place.task;
        place.task = null;
        if (task != null) {
            startWanted();
        }
        return task;
    }

    private boolean isTooMany(long idleSince) {
        return workers.size() > maxChildren.getAsInt()
                || (System.nanoTime() - idleSince >= settings.idleTimeout().toNanos()
                        && idle.size() >= settings.minIdle());
    }

    /** Asks an idle worker for a sign of life, without the lock. */
    private boolean ping(Worker worker) {
        asked.put(worker, System.nanoTime());
        lock.unlock();
        try {
            return worker.answers();
        } finally {
            lock.lock();
            asked.remove(worker);
        }
    }

    /** A worker's process has ended, whatever the reason. */
    void exited(Worker worker) {
        lock.lock();
        try {
            Place place = workers.get(worker);
            if (place != null) {
                place.given.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A worker gets no more requests. */
    void ends(Worker worker) {
        lock.lock();
        try {
            Place place = workers.remove(worker);
            ending.add(worker);
            if (place != null && place.task != null) {
                takeBack(place.task);
                place.task = null;
            }
            startWanted();
        } finally {
            lock.unlock();
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

    /** Starts as many workers as requests wait for, and as shall wait for requests, within the bounds. */
    private void startWanted() {
        long now = System.nanoTime();
        int spare = Math.max(0, settings.minIdle() - idle.size());
        int soon = (int)
                asked.values().stream().filter(since -> now - since < SOON).count();
        int wanted = Math.max(0, waiting.size() + spare - soon);
        while (!closed && starting < wanted && workers.size() < maxChildren.getAsInt() && births.mayStart(now)) {
            starting++;
            Worker worker = new Worker(this, quota());
            // Platform threads: a process is not started well on a virtual one, nor junixsocket used.
            Thread keeper = new Thread(worker, serverName() + " worker");
            keeper.setDaemon(true);
            workers.put(worker, new Place(keeper, lock.newCondition()));
            keeper.start();
        }
    }

    private int quota() {
        int most = settings.requestsPerChild();
        return most == 0
                ? Integer.MAX_VALUE
                : Math.max(1, most - ThreadLocalRandom.current().nextInt(settings.requestsJitter() + 1));
    }

    /** Ends what takes too long, and starts what is missing. */
    public void look() {
        Collection<Worker> current;
        lock.lock();
        try {
            startWanted();
            current = List.copyOf(workers.keySet());
        } finally {
            lock.unlock();
        }
        long now = System.nanoTime();
        current.forEach(worker -> worker.look(now));
    }

    /**
     * Takes pictures of all workers.
     *
     * @return one for each, those that are about to end included
     */
    public List<WorkerState> states() {
        List<Worker> all;
        lock.lock();
        try {
            all = new ArrayList<>(workers.keySet());
            all.addAll(ending);
        } finally {
            lock.unlock();
        }
        return all.stream().map(Worker::state).toList();
    }

    /** Ends all workers: idle ones are asked to, others are killed. Returns when no process is left. */
    public void close() {
        List<RequestTask> lost;
        List<Worker> left;
        List<Thread> keepers;
        lock.lock();
        try {
            closed = true;
            lost = new ArrayList<>(waiting);
            waiting.clear();
            left = new ArrayList<>(workers.keySet());
            keepers = workers.values().stream().map(place -> place.keeper).toList();
            workers.values().forEach(place -> place.given.signal());
        } finally {
            lock.unlock();
        }
        supervisor.interrupt();
        fail(lost, "the server has closed");
        for (Worker worker : left) {
            Phase phase = worker.state().phase();
            if (phase == Phase.STARTING || phase == Phase.BUSY) {
                worker.kill("the server has closed");
            }
        }
        awaitAll(keepers);
        try {
            folder.remove();
        } catch (IOException failure) {
            LOG.log(Level.WARNING, "the folder of the workers can't be removed: " + failure);
        }
    }

    private void awaitAll(List<Thread> keepers) {
        boolean interrupted = Thread.interrupted();
        for (Thread keeper : keepers) {
            interrupted |= join(keeper);
        }
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(JOIN_MILLIS);
            while (!ending.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException waitNoLonger) {
            interrupted = true;
        } finally {
            lock.unlock();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for the end of a keeper; true if it was interrupted meanwhile, and waited all the same. */
    private static boolean join(Thread keeper) {
        boolean interrupted = false;
        long began = System.nanoTime();
        long left = JOIN_MILLIS;
        while (keeper != Thread.currentThread() && keeper.isAlive() && left > 0) {
            try {
                keeper.join(left);
            } catch (InterruptedException waitOn) {
                interrupted = true;
            }
            left = JOIN_MILLIS - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        }
        return interrupted;
    }

    private static void fail(List<RequestTask> tasks, @Nullable String why) {
        for (RequestTask task : tasks) {
            task.run(new LostHandling(String.valueOf(why)));
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

    MixIn.Host host() {
        return host;
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

    boolean isStopping() {
        return host.isStopping();
    }
}
