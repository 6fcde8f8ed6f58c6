package org.socketserver.tests;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

/** The results of all clients' exchanges, shared by their threads. */
final class ChaosScore {
    private final LongAdder answered = new LongAdder();
    private final LongAdder cut = new LongAdder();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();

    /** The answer was correct. */
    void answered() {
        answered.increment();
    }

    /** The answer was missing or incomplete, which is sometimes expected. */
    void cut() {
        cut.increment();
    }

    /** Something happened that must never happen. */
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
