package org.socketserver.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Deadline;
import org.socketserver.api.Rejection;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerStats;
import org.socketserver.api.WorkerState;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.ClientMemory;

/**
 * Binds the counters and gauges of one server to registries of Micrometer.
 *
 * <pre>{@code
 * var server = new TcpServer("127.0.0.1:8087", Shout.class, ServerOptions.DEFAULTS.name("shout"));
 * new SocketServerMetrics(server).bindTo(registry);
 * server.serveForever();
 * }</pre>
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name<th>type<th>tags<th>value
 * <tr><td>{@code socketserver.requests.accepted}<td>counter<td><td>{@link ServerStats#accepted()}
 * <tr><td>{@code socketserver.requests}<td>counter<td>{@code outcome}, {@code reason}<td>requests that have ended:
 *     {@link ServerStats#ended()}; with the {@code outcome} {@code rejected} by {@link ServerStats#rejected()}, with
 *     {@code timed_out} by {@link ServerStats#timedOut()}
 * <tr><td>{@code socketserver.requests.active}<td>gauge<td><td>{@link ServerStats#active()}
 * <tr><td>{@code socketserver.requests.peak}<td>gauge<td><td>{@link ServerStats#peak()}
 * <tr><td>{@code socketserver.requests.stuck}<td>counter<td><td>{@link ServerStats#stuck()}
 * <tr><td>{@code socketserver.request.duration}<td>timer<td>{@code outcome}<td>{@link RequestEnd#duration()}
 * <tr><td>{@code socketserver.received}<td>counter, bytes<td><td>{@link ServerStats#bytesIn()}
 * <tr><td>{@code socketserver.sent}<td>counter, bytes<td><td>{@link ServerStats#bytesOut()}
 * <tr><td>{@code socketserver.datagrams.truncated}<td>counter<td><td>{@link ServerStats#truncated()}
 * <tr><td>{@code socketserver.datagrams.unanswerable}<td>counter<td><td>{@link ServerStats#unanswerable()}
 * <tr><td>{@code socketserver.accept.failures}<td>counter<td><td>{@link ServerStats#acceptFailures()}
 * <tr><td>{@code socketserver.accept.pauses}<td>timer without maximum<td><td>{@link ServerStats#acceptPauses()} and
 *     {@link ServerStats#acceptPaused()}
 * <tr><td>{@code socketserver.handshakes.active}<td>gauge<td><td>{@link ServerStats#handshakes()}
 * <tr><td>{@code socketserver.workers}<td>gauge<td>{@code state}<td>{@link ServerStats#workers()}
 * <tr><td>{@code socketserver.workers.started}<td>counter<td><td>{@link ServerStats#workersStarted()}
 * <tr><td>{@code socketserver.workers.died}<td>counter<td><td>{@link ServerStats#workersDied()}
 * <tr><td>{@code socketserver.client.memory.used}<td>gauge, bytes<td><td>{@link ClientMemory#used()}, of all
 *     servers of this JVM together
 * <tr><td>{@code socketserver.client.memory.limit}<td>gauge, bytes<td><td>{@link ClientMemory#limit()}, likewise
 * <tr><td>{@code socketserver.client.memory.exceeded}<td>counter<td><td>{@link ServerStats#overBudget()}
 * </table>
 *
 * <p><b>Tags.</b> Each meter also has the tag {@code server}, with {@link BaseServer#name()} at the time of {@link
 * #bindTo}. Without the option {@link ServerOptions#name()}, that is the transport and the address, so set the name, or
 * bind a server on port 0 before. The values of {@code outcome}, {@code reason} and {@code state} are the names of the
 * constants of {@link RequestOutcome}, of {@link Rejection} and {@link Deadline}, and of {@link WorkerState.Phase}, in
 * lower case; {@code reason} is {@code none} for the other outcomes. No value comes from a client.
 *
 * <p><b>Values.</b> All meters except {@code socketserver.request.duration} read {@link BaseServer#stats()} when the
 * registry reads them, so they include the bytes of active requests, and all that happened before {@code bindTo}. A
 * counter never decreases: where {@code stats()} corrects a value downwards, it keeps the higher one until {@code
 * stats()} has reached it again. The timer records each request once, when it has been closed, which is a moment after
 * it was counted, and only requests that are closed after {@code bindTo}.
 *
 * <p><b>Threads.</b> All methods may be called by any thread. This class has no thread of its own. Reading a meter
 * never waits for a handler or the accept loop. It works on a closed server too, whose values stay as they are. A
 * registry refers to the server only weakly.
 */
public final class SocketServerMetrics implements MeterBinder, AutoCloseable {
    private static final String PREFIX = "socketserver.";

    private final BaseServer<?> server;
    private final Tags tags;
    private final Map<MeterRegistry, Meters> bound = new ConcurrentHashMap<>();
    private boolean closed;

    /**
     * Creates the metrics of a server, with no other tag than {@code server}.
     *
     * @param server the server; this adds a {@linkplain BaseServer#listener listener} to it
     * @throws IllegalStateException if the server is bound or closed already
     */
    public SocketServerMetrics(BaseServer<?> server) {
        this(server, Tags.empty());
    }

    /**
     * Creates the metrics of a server.
     *
     * @param server the server; this adds a {@linkplain BaseServer#listener listener} to it
     * @param tags tags of all meters; one with the key {@code server} replaces the default
     * @throws IllegalStateException if the server is bound or closed already
     */
    public SocketServerMetrics(BaseServer<?> server, Iterable<Tag> tags) {
        this.server = Objects.requireNonNull(server, "server");
        this.tags = Tags.of(Objects.requireNonNull(tags, "tags"));
        server.listener(new RequestListener() {
            @Override
            public void requestStopped(Request request, RequestEnd end) {
                bound.values().forEach(meters -> meters.record(end));
            }
        });
    }

    /**
     * Adds the meters to a registry. Has no effect if they are in it already. May be called for several registries, at
     * any time until {@link #close()}.
     *
     * @param registry the registry
     * @throws IllegalStateException if these metrics are closed, or if the registry has the meters of another server
     *     with the same tags
     */
    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        Objects.requireNonNull(registry, "registry");
        if (closed) {
            throw new IllegalStateException("the metrics of " + server.name() + " are closed");
        }
        if (bound.containsKey(registry)) {
            return;
        }
        Tags all = Tags.of("server", server.name()).and(tags);
        if (registry.find(PREFIX + "requests.active").tags(all).meter() != null) {
            throw new IllegalStateException("the registry has the meters of another server with the tags " + all
                    + "; set the option name, or the tag server");
        }
        Meters meters = new Meters(server, registry, all);
        bound.put(registry, meters);
        meters.register();
    }

    /** Removes the meters from all registries. Has no effect on the server, and none the second time. */
    @Override
    public synchronized void close() {
        closed = true;
        bound.values().forEach(Meters::remove);
        bound.clear();
    }

    /** The meters in one registry. */
    private static final class Meters {
        private final BaseServer<?> server;
        private final MeterRegistry registry;
        private final Tags tags;
        private final Map<RequestOutcome, Timer> durations = new EnumMap<>(RequestOutcome.class);
        private final List<Meter> all = new ArrayList<>();

        Meters(BaseServer<?> server, MeterRegistry registry, Tags tags) {
            this.server = server;
            this.registry = registry;
            this.tags = tags;
            for (RequestOutcome outcome : RequestOutcome.values()) {
                durations.put(
                        outcome,
                        Timer.builder(PREFIX + "request.duration")
                                .description("time from accepting or receiving a request to closing it")
                                .tags(tags.and("outcome", text(outcome)))
                                .register(registry));
            }
            all.addAll(durations.values());
        }

        void record(RequestEnd end) {
            Objects.requireNonNull(durations.get(end.outcome())).record(end.duration());
        }

        void remove() {
            all.forEach(registry::remove);
        }

        void register() {
            counter("requests.accepted", null, "requests accepted or received", tags, ServerStats::accepted);
            for (RequestOutcome outcome : RequestOutcome.values()) {
                ended(outcome);
            }
            gauge("requests.active", null, "requests whose handler has not returned", tags, ServerStats::active);
            gauge("requests.peak", null, "the most requests that were active at once", tags, ServerStats::peak);
            counter("requests.stuck", null, "requests reported as stuck", tags, ServerStats::stuck);
            counter("received", BaseUnits.BYTES, "read from clients", tags, ServerStats::bytesIn);
            counter("sent", BaseUnits.BYTES, "sent to clients", tags, ServerStats::bytesOut);
            counter("datagrams.truncated", null, "longer than the receive buffer", tags, ServerStats::truncated);
            counter("datagrams.unanswerable", null, "dropped: no reply possible", tags, ServerStats::unanswerable);
            counter("accept.failures", null, "failures of accepting or receiving", tags, ServerStats::acceptFailures);
            pauses();
            gauge("handshakes.active", null, "connections in a handshake", tags, ServerStats::handshakes);
            for (WorkerState.Phase phase : WorkerState.Phase.values()) {
                Tags withState = tags.and("state", text(phase));
                gauge("workers", null, "worker processes", withState, stats -> stats.workers(phase));
            }
            counter("workers.started", null, "worker processes started", tags, ServerStats::workersStarted);
            counter("workers.died", null, "worker processes that died", tags, ServerStats::workersDied);
            gauge("client.memory.used", BaseUnits.BYTES, "held by clients", tags, stats -> ClientMemory.used());
            gauge("client.memory.limit", BaseUnits.BYTES, "the budget for it", tags, stats -> ClientMemory.limit());
            counter("client.memory.exceeded", null, "ended or dropped for memory", tags, ServerStats::overBudget);
        }

        /** One counter for each reason, so that their sum is the number of requests that have ended. */
        private void ended(RequestOutcome outcome) {
            if (outcome == RequestOutcome.REJECTED) {
                for (Rejection why : Rejection.values()) {
                    ended(outcome, text(why), stats -> stats.rejected(why));
                }
            } else if (outcome == RequestOutcome.TIMED_OUT) {
                for (Deadline deadline : Deadline.values()) {
                    ended(outcome, text(deadline), stats -> stats.timedOut(deadline));
                }
            } else {
                ended(outcome, "none", stats -> stats.ended(outcome));
            }
        }

        private void ended(RequestOutcome outcome, String reason, ToLongFunction<ServerStats> value) {
            Tags withReason = tags.and("outcome", text(outcome), "reason", reason);
            counter("requests", null, "requests that have ended", withReason, value);
        }

        private void pauses() {
            ToLongFunction<BaseServer<?>> count = rising(ServerStats::acceptPauses);
            ToLongFunction<BaseServer<?>> nanos =
                    rising(stats -> stats.acceptPaused().toNanos());
            all.add(FunctionTimer.builder(
                            PREFIX + "accept.pauses", server, count, nanos::applyAsLong, TimeUnit.NANOSECONDS)
                    .description("pauses of the accept loop because the system lacked resources")
                    .tags(tags)
                    .register(registry));
        }

        private void counter(
                String name, @Nullable String unit, String description, Tags tags, ToLongFunction<ServerStats> value) {
            ToLongFunction<BaseServer<?>> count = rising(value);
            all.add(FunctionCounter.builder(PREFIX + name, server, count::applyAsLong)
                    .baseUnit(unit)
                    .description(description)
                    .tags(tags)
                    .register(registry));
        }

        private void gauge(
                String name, @Nullable String unit, String description, Tags tags, ToLongFunction<ServerStats> value) {
            all.add(Gauge.builder(PREFIX + name, server, from -> value.applyAsLong(from.stats()))
                    .baseUnit(unit)
                    .description(description)
                    .tags(tags)
                    .register(registry));
        }

        /**
         * Returns a function for a value that only rises. A registry would take a lower value for a restart of the
         * process, and count all of it once more.
         */
        private static ToLongFunction<BaseServer<?>> rising(ToLongFunction<ServerStats> value) {
            LongAccumulator highest = new LongAccumulator(Math::max, 0);
            return from -> {
                highest.accumulate(value.applyAsLong(from.stats()));
                return highest.get();
            };
        }

        private static String text(Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        }
    }
}
