package org.socketserver.tests;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.WorkerState;
import org.socketserver.mixins.WorkerState.Phase;

/** Sends SIGKILL and SIGSTOP to random workers, each only once. */
final class WorkerKiller {
    private static final int MOST_ANSWERS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final ForkingMixIn workers;
    private final AtomicInteger answers;
    private final Random random;
    private final Set<Long> signalled = new HashSet<>();
    private final Set<Long> ready = new HashSet<>();
    /** Only one birth is disturbed for each that succeeds: five in a row would end serving, as they should. */
    private boolean mayDisturbBirth;

    private int kills;
    private int stops;

    /** Makes one whose pace is that of the answers. */
    WorkerKiller(ForkingMixIn workers, AtomicInteger answers, long seed) {
        this.workers = workers;
        this.answers = answers;
        random = new Random(seed);
    }

    /** Sends so many signals. */
    void run(int count) throws IOException, InterruptedException {
        while (kills + stops < count) {
            List<WorkerState> all = workers.workers();
            for (WorkerState worker : all) {
                if (worker.phase() != Phase.STARTING && ready.add(worker.pid())) {
                    mayDisturbBirth = true;
                }
            }
            List<WorkerState> targets = all.stream().filter(this::isTarget).toList();
            if (!targets.isEmpty()) {
                signal(targets.get(random.nextInt(targets.size())));
            }
            awaitAnswers(random.nextInt(MOST_ANSWERS));
        }
    }

    /** Lets so many requests be answered, unless that takes too long because workers stand still. */
    private void awaitAnswers(int count) throws InterruptedException {
        int enough = answers.get() + count;
        long began = System.nanoTime();
        do {
            Thread.sleep(random.nextInt(5));
        } while (answers.get() < enough && ServingTest.millisSince(began) < LONGEST_PAUSE_MILLIS);
    }

    private boolean isTarget(WorkerState worker) {
        return worker.pid() != 0
                && !signalled.contains(worker.pid())
                && worker.phase() != Phase.ENDING
                && (worker.phase() != Phase.STARTING || mayDisturbBirth);
    }

    private void signal(WorkerState worker) throws IOException, InterruptedException {
        signalled.add(worker.pid());
        if (worker.phase() == Phase.STARTING) {
            mayDisturbBirth = false;
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

    /** How many workers got a signal. */
    int signals() {
        return kills + stops;
    }

    boolean hasSignalled(long pid) {
        return signalled.contains(pid);
    }

    /** Tells whether one that got a signal is still counted on; a stopped one is idle until it is missed. */
    boolean isAnyLeft() {
        return workers.workers().stream().map(WorkerState::pid).anyMatch(signalled::contains);
    }

    /** Sends a signal; false if there is no such process any more. */
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
