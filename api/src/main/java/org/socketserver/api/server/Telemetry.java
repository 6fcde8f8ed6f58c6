package org.socketserver.api.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import jdk.jfr.FlightRecorder;
import org.socketserver.api.Deadline;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Rejection;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.Server;
import org.socketserver.api.ServerState;
import org.socketserver.api.ServerStats;
import org.socketserver.api.WorkerState;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.spi.MixIn;

/**
 * Counts the events of one server and reports them to the log, the Flight Recorder and the listeners, in this order.
 * Called by the threads on which the events happen; {@link #requestStarted} by the accept loop only.
 */
final class Telemetry {
    private final Server server;
    private final EventLog log;
    private volatile List<RequestListener> listeners = List.of();

    /** The changes of the state that are not reported yet. */
    private final Queue<ServerState> states = new ConcurrentLinkedQueue<>();
    /** The number of calls of {@link #reportStates} that have begun since there was none. */
    private final AtomicInteger reporting = new AtomicInteger();

    private ServerState lastState = ServerState.NEW;

    // The counters behind ServerStats, updated without waiting.
    private final AtomicLong active = new AtomicLong();
    private volatile long accepted;
    private volatile long peak;
    private final Map<RequestOutcome, LongAdder> ended = adders(RequestOutcome.class);
    private final Map<Rejection, LongAdder> rejected = adders(Rejection.class);
    private final Map<Deadline, LongAdder> timedOut = adders(Deadline.class);
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final LongAdder truncated = new LongAdder();
    private final LongAdder unanswerable = new LongAdder();
    private final LongAdder overBudget = new LongAdder();
    private final LongAdder acceptFailures = new LongAdder();
    private final LongAdder acceptPauses = new LongAdder();
    private final LongAdder pausedNanos = new LongAdder();
    private final LongAdder stuck = new LongAdder();

    Telemetry(Server server) {
        this.server = server;
        log = new EventLog(server::name);
    }

    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> keys) {
        Map<E, LongAdder> adders = new EnumMap<>(keys);
        for (E key : keys.getEnumConstants()) {
            adders.put(key, new LongAdder());
        }
        return Collections.unmodifiableMap(adders);
    }

    /** Adds a listener. Called before the server is bound, by one thread at a time. */
    void listener(RequestListener listener) {
        List<RequestListener> more = new ArrayList<>(listeners);
        more.add(listener);
        listeners = List.copyOf(more);
    }

    /** Calls the listeners. What one throws is logged, and the request continues. */
    private void tell(Consumer<RequestListener> event) {
        for (RequestListener told : listeners) {
            log.contained("the request listener", () -> event.accept(told));
        }
    }

    EventLog log() {
        return log;
    }

    /**
     * Returns false if there is certainly no recording. The first event would initialize the recorder, which takes a
     * tenth of a second, and fails if the heap is full.
     */
    private static boolean isRecording() {
        return FlightRecorder.isInitialized();
    }

    void requestStarted(Exchange<?> exchange) {
        accepted = accepted + 1;
        long now = active.incrementAndGet();
        if (now > peak) {
            peak = now;
        }
        exchange.event(isRecording() ? RequestEvent.started() : null);
        tell(to -> to.requestStarted(exchange.request()));
    }

    /** Counts the end of a request whose handler has returned. */
    void requestSettled(RequestEnd end) {
        try {
            count(end, 1);
        } finally {
            active.decrementAndGet();
        }
    }

    /**
     * Reports the end of a closed request. Corrects the counters if its result has changed after it was settled,
     * because its reply could not be sent or it was aborted.
     */
    void requestStopped(Exchange<?> exchange) {
        RequestEnd miscounted = exchange.miscounted();
        RequestEvent event = exchange.event();
        if (miscounted == null && event == null && listeners.isEmpty()) {
            return;
        }
        RequestEnd end = exchange.result();
        if (miscounted != null) {
            count(end, 1);
            count(miscounted, -1);
        }
        if (event != null) {
            event.end(server.name(), exchange.id(), exchange.request(), end);
        }
        tell(to -> to.requestStopped(exchange.request(), end));
    }

    private void count(RequestEnd end, int sign) {
        add(ended, end.outcome(), sign);
        if (end.rejection().isPresent()) {
            add(rejected, end.rejection().get(), sign);
        }
        if (end.outcome() == RequestOutcome.TIMED_OUT && end.deadline().isPresent()) {
            add(timedOut, end.deadline().get(), sign);
        }
        bytesIn.add(sign * end.bytesIn());
        bytesOut.add(sign * end.bytesOut());
    }

    private static <E> void add(Map<E, LongAdder> adders, E key, int sign) {
        LongAdder adder = adders.get(key);
        if (adder != null) {
            adder.add(sign);
        }
    }

    void requestStuck(LiveRequest request) {
        stuck.increment();
        log.block(
                Level.WARNING,
                "stuck request",
                () -> server.name() + " has a stuck request: " + request + stackText(request));
        tell(to -> to.requestStuck(request));
    }

    private static String stackText(LiveRequest request) {
        StringBuilder text = new StringBuilder();
        request.stack().forEach(frame -> text.append("\n\tat ").append(frame));
        return text.toString();
    }

    void datagramTruncated(SocketAddress sender, int limit, boolean delivered) {
        truncated.increment();
        tell(to -> to.datagramTruncated(sender, limit, delivered));
    }

    void datagramUnanswerable(SocketAddress sender) {
        unanswerable.increment();
        log.log(
                Level.DEBUG,
                "unanswerable datagram",
                () -> server.name() + " dropped a datagram from " + AddressText.of(sender)
                        + ", which can't be answered");
    }

    void datagramOverBudget(SocketAddress sender) {
        overBudget("dropped a datagram from " + AddressText.of(sender));
    }

    void evicted(Request request) {
        overBudget("ended the connection of " + AddressText.of(request.clientAddress()));
    }

    private void overBudget(String what) {
        overBudget.increment();
        log.log(
                Level.WARNING,
                "client memory",
                () -> server.name() + " " + what + ": clients hold " + ClientMemory.used() + " of "
                        + ClientMemory.limit() + " bytes");
    }

    /** Adds a change of the state, which {@link #reportStates} reports. Waits for nothing. */
    synchronized void stateChanged(ServerState state) {
        if (state != lastState) {
            lastState = state;
            states.add(state);
        }
    }

    /** Reports the changes of the state, one after another. If another thread does so already, it reports these too. */
    void reportStates() {
        if (reporting.getAndIncrement() == 0) {
            do {
                log.contained("the request listener", this::reportAddedStates);
            } while (reporting.decrementAndGet() > 0);
        }
    }

    private void reportAddedStates() {
        for (ServerState next = states.poll(); next != null; next = states.poll()) {
            ServerState state = next;
            tell(to -> to.stateChanged(state));
        }
    }

    void acceptFailed(IOException failure, Duration pause) {
        acceptFailures.increment();
        if (!pause.isZero()) {
            acceptPauses.increment();
            pausedNanos.add(pause.toNanos());
        }
        if (isRecording()) {
            AcceptFailureEvent.record(server.name(), failure, pause);
        }
        tell(to -> to.acceptFailed(failure, pause));
    }

    /** Returns the counters of this moment, with the bytes of the requests in flight that are not settled yet. */
    ServerStats stats(Iterable<? extends Exchange<?>> inFlight, int handshakes, MixIn mixIn) {
        long in = bytesIn.sum();
        long out = bytesOut.sum();
        for (Exchange<?> entry : inFlight) {
            if (!entry.isSettled()) {
                in += entry.request().bytesIn();
                out += entry.request().bytesOut();
            }
        }
        long activeNow = active.get();
        return new ServerStats(
                accepted,
                activeNow,
                // A request that has just begun may not be in the peak yet.
                Math.max(peak, activeNow),
                sums(ended),
                sums(rejected),
                sums(timedOut),
                in,
                out,
                truncated.sum(),
                unanswerable.sum(),
                overBudget.sum(),
                acceptFailures.sum(),
                acceptPauses.sum(),
                Duration.ofNanos(pausedNanos.sum()),
                stuck.sum(),
                handshakes,
                phases(mixIn.workers()),
                mixIn.workersStarted(),
                mixIn.workersDied());
    }

    private static <E extends Enum<E>> Map<E, Long> sums(Map<E, LongAdder> adders) {
        Map<E, Long> sums = new TreeMap<>();
        adders.forEach((key, adder) -> sums.put(key, adder.sum()));
        return Collections.unmodifiableMap(sums);
    }

    private static Map<WorkerState.Phase, Long> phases(List<WorkerState> workers) {
        Map<WorkerState.Phase, Long> phases = new EnumMap<>(WorkerState.Phase.class);
        for (WorkerState.Phase phase : WorkerState.Phase.values()) {
            phases.put(phase, 0L);
        }
        workers.forEach(worker -> phases.merge(worker.phase(), 1L, Long::sum));
        return Collections.unmodifiableMap(phases);
    }
}
