package org.socketserver.tests;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;

/** Counts the events of any number of requests without keeping them. */
final class ChaosListener implements RequestListener {
    private final AtomicLong started = new AtomicLong();
    private final AtomicLong stopped = new AtomicLong();
    private final LongAdder acceptFailures = new LongAdder();
    private final Map<RequestOutcome, LongAdder> outcomes = new ConcurrentHashMap<>();

    @Override
    public void requestStarted(Request request) {
        started.incrementAndGet();
    }

    @Override
    public void requestStopped(Request request, RequestEnd end) {
        outcomes.computeIfAbsent(end.outcome(), outcome -> new LongAdder()).increment();
        stopped.incrementAndGet();
    }

    @Override
    public void acceptFailed(IOException failure, Duration pause) {
        acceptFailures.increment();
    }

    long started() {
        return started.get();
    }

    long stopped() {
        return stopped.get();
    }

    @Override
    public String toString() {
        return started + " started, " + stopped + " stopped " + outcomes + ", " + acceptFailures + " accept failures";
    }
}
