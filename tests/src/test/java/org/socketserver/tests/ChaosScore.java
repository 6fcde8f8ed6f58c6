package org.socketserver.tests;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

/** What became of the exchanges of all clients; shared by their threads. */
final class ChaosScore {
    private final LongAdder answered = new LongAdder();
    private final LongAdder cut = new LongAdder();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();

    /** The right answer came. */
    void answered() {
        answered.increment();
    }

    /** No answer came, or not all of it, as is to be expected now and then. */
    void cut() {
        cut.increment();
    }

    /** What must never be. */
    void fault(String what) {
        faults.add(what);
    }

    long answers() {
        return answered.sum();
    }

    List<String> faults() {
        return List.copyOf(faults);
    }

    @Override
    public String toString() {
        return answered + " answered, " + cut + " cut, " + faults.size() + " faults";
    }
}
