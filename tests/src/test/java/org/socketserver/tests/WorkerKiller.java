package org.socketserver.tests;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.socketserver.api.WorkerState;
import org.socketserver.api.WorkerState.Phase;
import org.socketserver.mixins.ForkingMixIn;

/** Sends SIGKILL and SIGSTOP to random workers, each only once. */
final class WorkerKiller {
    private static final int MAX_ANSWERS = 10;
    private static final long MAX_PAUSE_MILLIS = 1_000;

    private final ForkingMixIn workers;
    private final AtomicInteger answers;
    private final Random random;
    private final Set<Long> signalled = new HashSet<>();
    private final Set<Long> ready = new HashSet<>();
    /**
     * Only one start is disturbed for each that succeeds: five failed starts in a row would end serving, as they
     * should.
     */
    private boolean mayDisturbStart;

    private int kills;
    private int stops;

    /** Creates one that paces itself by the answers. */
    WorkerKiller(ForkingMixIn workers, AtomicInteger answers, long seed) {
        this.workers = workers;
        this.answers = answers;
        random = new Random(seed);
    }

    /** Sends the given number of signals. */
    void run(int count) throws IOException, InterruptedException {
        while (kills + stops < count) {
            List<WorkerState> all = workers.workers();
            for (WorkerState worker : all) {
                if (worker.phase() != Phase.STARTING && ready.add(worker.pid())) {
                    mayDisturbStart = true;
                }
            }
            List<WorkerState> targets = all.stream().filter(this::isTarget).toList();
            if (!targets.isEmpty()) {
                signal(targets.get(random.nextInt(targets.size())));
            }
            awaitAnswers(random.nextInt(MAX_ANSWERS));
        }
    }

    /**
     * Waits until the given number of requests have been answered, or until that takes too long because workers are
     * stopped.
     */
    private void awaitAnswers(int count) throws InterruptedException {
        int enough = answers.get() + count;
        long began = System.nanoTime();
        do {
            Thread.sleep(random.nextInt(5));
        } while (answers.get() < enough && ServingTest.millisSince(began) < MAX_PAUSE_MILLIS);
    }

    private boolean isTarget(WorkerState worker) {
        return worker.pid() != 0
                && !signalled.contains(worker.pid())
                && worker.phase() != Phase.ENDING
                && (worker.phase() != Phase.STARTING || mayDisturbStart);
    }

    private void signal(WorkerState worker) throws IOException, InterruptedException {
        signalled.add(worker.pid());
        if (worker.phase() == Phase.STARTING) {
            mayDisturbStart = false;
        }
        if (worker.phase() != Phase.STARTING && random.nextBoolean()) {
            stops += send("-STOP", worker.pid()) ? 1 : 0;
        } else {
            boolean sent = ProcessHandle.of(worker.pid())
                    .map(ProcessHandle::destroyForcibly)
                    .orElse(false);
            kills += sent ? 1 : 0;
        }
    }

    /** Returns how many workers were signalled. */
    int signals() {
        return kills + stops;
    }

    boolean hasSignalled(long pid) {
        return signalled.contains(pid);
    }

    /**
     * Returns whether a signalled worker is still in the pool. A stopped worker counts as idle until its heartbeat is
     * missed.
     */
    boolean isAnyLeft() {
        return workers.workers().stream().map(WorkerState::pid).anyMatch(signalled::contains);
    }

    /**
     * Sends a signal.
     *
     * @return false if the process no longer exists
     */
    static boolean send(String signal, long pid) throws IOException, InterruptedException {
        return new ProcessBuilder("kill", signal, Long.toString(pid))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    @Override
    public String toString() {
        return kills + " killed, " + stops + " stopped";
    }
}
