package org.socketserver.mixins;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.WorkerState;
import org.socketserver.api.WorkerState.Phase;
import org.socketserver.api.internal.Checks;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.server.DatagramServer;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.forking.descriptor.DescriptorPassing;
import org.socketserver.mixins.forking.parent.PoolSettings;
import org.socketserver.mixins.forking.parent.WorkerPool;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.Messages;
import org.socketserver.mixins.forking.wire.PortableValues;

/**
 * Runs requests in other processes, so that a request that crashes, leaks, spins or exits ends only its own process.
 *
 * <pre>{@code
 * server.mixIn(new ForkingMixIn());
 * server.mixIn(new ForkingMixIn().maxChildren(8).requestsPerChild(1000).workerOption("-Xmx64m"));
 * }</pre>
 *
 * <p>A <b>worker</b> is a JVM of its own, with the class path and the Java version of this one. It creates handlers of
 * the server's handler class and runs them, one request at a time. Workers are started ahead of time and reused,
 * because a JVM takes a tenth of a second to start: {@link #minIdle}, {@link #requestsPerChild}.
 *
 * <p><b>Differences from fork(2).</b> A worker starts with fresh memory: it has no copy of this process's fields,
 * statics and open files. Pass what it needs on the class path, as system properties ({@link #systemProperty}), as JVM
 * options ({@link #workerOption}) or as environment variables. The handler must be a class with a constructor without
 * parameters; a function or factory exists only in this process and is rejected. Statics of the handler class live as
 * long as the worker and are shared by all its requests.
 *
 * <p><b>The same as with other mix-ins.</b> Requests, addresses, deadlines, limits, events, counters and the stop.
 * Hooks of the server run in this process; only the handler runs in the worker. An exception of this framework arrives
 * at {@code handleError} as it is, any other as a {@link HandlerException}. In a worker, {@link
 * org.socketserver.api.Request#server()} has the name and the address of the server and the options that matter to a
 * handler: name, {@code maxDatagramSize}, deadlines, {@code ageJitter}, {@code grace}, {@code stuckAfter}. All other
 * options have their defaults. Its {@code shutdown} stops the server, and its counters are those of this worker.
 *
 * <p><b>Limit.</b> At most {@link #maxChildren()} requests run at the same time. At the limit, the server's {@link
 * org.socketserver.api.Limits#whenFull} applies.
 *
 * <p><b>Failures.</b> If a worker dies, its connection is closed and its request fails with a {@link
 * WorkerDiedException}; another worker takes its place. If a request continues for a second after its {@link
 * org.socketserver.api.Deadline#REQUEST}, the stacks of its worker's threads are logged and the worker is killed. A
 * worker without a heartbeat for {@link #heartbeatTimeout} is killed. A stop kills the workers whose request continues
 * after the grace period; {@code close} leaves no process behind. Workers end with this process, even if it is killed.
 *
 * <p><b>Signals.</b> Workers ignore SIGINT, SIGTERM and SIGHUP, which Ctrl-C and service managers send to a whole
 * process group: the server decides when workers end. SIGKILL ends a worker.
 *
 * <p><b>Startup.</b> {@code bind} fails if the first worker does not become ready; the failure contains what it
 * printed. Later failures are logged, and retried with back-off from 100 ms up to 10 s. After 5 in a row, if no worker
 * is alive, waiting requests fail and {@code serveForever} throws a {@link WorkerStartException}; it can be called
 * again. At most 8 workers start at the same time.
 *
 * <p><b>Passing connections.</b> A connection is passed to its worker as a file descriptor if junixsocket is present
 * and the JVM was started with {@code --add-opens java.base/sun.nio.ch=ALL-UNNAMED} (on the module path {@code
 * =org.socketserver.mixins}; in the manifest of a jar {@code Add-Opens: java.base/sun.nio.ch}), because the JDK
 * otherwise hides the descriptors of its connections. Without them, this process reads and writes for the worker,
 * which takes longer: {@link HandOver}.
 *
 * <p><b>File descriptors.</b> A worker uses 6 file descriptors of this process, 5 if connections are relayed. If too
 * few are free for another worker, this is logged once per shortage and retried with back-off from 100 ms up to 1 s.
 * Existing workers continue. While none of them is idle and a request is already waiting, no more requests are
 * accepted. If no worker is left, waiting requests fail after 5 attempts and release their descriptors.
 *
 * <p>A worker is started only when enough descriptors are proven free, and while no server of this JVM accepts a
 * connection, because otherwise the JDK (17 and 25) closes descriptors that are not its own. Other code of this JVM
 * that opens many files at that moment can still cause it, unless it uses {@link
 * org.socketserver.api.spi.DescriptorLock#shared}.
 *
 * <p><b>Output.</b> What a worker prints appears on the same stream of this process, with {@code [process id]} before
 * each line. It is held back until the worker is ready, for at most 3 s and 40 lines. If the worker fails to start, the
 * output is part of the failure and is not printed again.
 *
 * <p><b>Threads.</b> All methods may be called from any thread. Once the server is bound, all setters except {@link
 * #maxChildren(int)} throw an {@link IllegalStateException}.
 */
public final class ForkingMixIn implements MixIn {
    private static final int MAX_CHILDREN = 40;
    private static final int MIN_IDLE = 2;

    private final Slots slots = new Slots("maxChildren", MAX_CHILDREN);
    private final LongAdder started = new LongAdder();
    private final LongAdder died = new LongAdder();
    private final List<String> workerOptions = new ArrayList<>();

    private volatile @Nullable Host host;
    private volatile @Nullable WorkerPool pool;
    private int minIdle = MIN_IDLE;
    private int requestsPerChild;
    private int requestsJitter;
    private Duration idleTimeout = Duration.ofMinutes(1);
    private Duration startTimeout = Duration.ofMinutes(1);
    private Duration heartbeatTimeout = Duration.ofSeconds(30);
    private HandOver handOver = HandOver.AUTO;

    /** Creates a mix-in with up to 40 workers, 2 of which are kept idle. */
    public ForkingMixIn() {}

    /**
     * Sets how many requests may run at the same time, and so how many workers there may be. Takes effect at once, also
     * while serving; surplus workers end when they are idle.
     *
     * @param limit requests; default 40, at least 1
     * @return this mix-in
     * @throws IllegalArgumentException if less than 1
     */
    public ForkingMixIn maxChildren(int limit) {
        slots.limit(limit);
        return this;
    }

    /**
     * Returns how many requests may run at the same time.
     *
     * @return requests
     */
    public int maxChildren() {
        return slots.limit();
    }

    /**
     * Sets how many idle workers are kept ready, so that no request waits for a JVM to start.
     *
     * @param workers default 2; with 0, a worker is started only when a request arrives
     * @return this mix-in
     * @throws IllegalArgumentException if negative
     */
    public ForkingMixIn minIdle(int workers) {
        requireNotOpen();
        minIdle = Checks.atLeast("minIdle", workers, 0, "workers");
        return this;
    }

    /**
     * Sets how many requests a worker handles before another takes its place, against leaks of handlers.
     *
     * @param requests default 0 for any number; 1 for a new process for each request, as with fork(2)
     * @return this mix-in
     * @throws IllegalArgumentException if negative
     */
    public ForkingMixIn requestsPerChild(int requests) {
        requireNotOpen();
        requestsPerChild = Checks.atLeast("requestsPerChild", requests, 0, "requests");
        return this;
    }

    /**
     * Sets by how much {@link #requestsPerChild} is reduced at random for each worker, so that not all end at the same
     * time.
     *
     * @param requests default 0
     * @return this mix-in
     * @throws IllegalArgumentException if negative
     */
    public ForkingMixIn requestsPerChildJitter(int requests) {
        requireNotOpen();
        requestsJitter = Checks.atLeast("requestsPerChildJitter", requests, 0, "requests");
        return this;
    }

    /**
     * Sets how long workers beyond {@link #minIdle} may be idle before they end.
     *
     * @param time default 60 s, at least 1 ms
     * @return this mix-in
     * @throws IllegalArgumentException if less than 1 ms
     */
    public ForkingMixIn idleTimeout(Duration time) {
        requireNotOpen();
        idleTimeout = Checks.atLeastMillis("idleTimeout", time, 1);
        return this;
    }

    /**
     * Sets how long a worker may take to become ready before it is killed.
     *
     * @param time default 60 s, at least 1 ms
     * @return this mix-in
     * @throws IllegalArgumentException if less than 1 ms
     */
    public ForkingMixIn startTimeout(Duration time) {
        requireNotOpen();
        startTimeout = Checks.atLeastMillis("startTimeout", time, 1);
        return this;
    }

    /**
     * Sets how long a worker may send no heartbeat, idle or not, before it is killed. A worker sends four heartbeats a
     * second whatever its handler does, unless it is stopped (SIGSTOP) or gets no processor time.
     *
     * @param time default 30 s, at least 1 s
     * @return this mix-in
     * @throws IllegalArgumentException if less than 1 s
     */
    public ForkingMixIn heartbeatTimeout(Duration time) {
        requireNotOpen();
        heartbeatTimeout = Checks.atLeastMillis("heartbeatTimeout", time, 1_000);
        return this;
    }

    /**
     * Sets how connections are passed to a worker.
     *
     * @param way default {@link HandOver#AUTO}
     * @return this mix-in
     */
    public ForkingMixIn handOver(HandOver way) {
        requireNotOpen();
        handOver = Objects.requireNonNull(way, "way");
        return this;
    }

    /**
     * Adds an option for the JVM of the workers. If options contradict each other, the last one wins. Before yours
     * come:
     *
     * <ol>
     *   <li>the options of this JVM that apply to workers too: system properties, assertions and options that open
     *       modules, except {@code java.base/sun.nio.ch}, which only this process needs and which delays the start
     *   <li>{@code -XX:+ExitOnOutOfMemoryError}
     *   <li>{@code -XX:TieredStopAtLevel=1}, so that many workers reach their speed soon; {@code
     *       -XX:TieredStopAtLevel=4} is faster for few workers that live long
     *   <li>{@code -XX:+UseSerialGC}, unless you or variables such as {@code JAVA_TOOL_OPTIONS} choose a collector
     *   <li>{@code -XX:MaxNewSize=16m}, unless you set the size of the heap
     * </ol>
     *
     * @param option for example {@code -Xmx64m}
     * @return this mix-in
     * @throws IllegalArgumentException if it does not begin with a minus sign
     */
    public ForkingMixIn workerOption(String option) {
        requireNotOpen();
        Objects.requireNonNull(option, "option");
        if (!option.startsWith("-")) {
            throw new IllegalArgumentException("the worker option \"" + option + "\" does not begin with \"-\"");
        }
        workerOptions.add(option);
        return this;
    }

    /**
     * Sets a system property of the workers. Other users do not see it in the process list.
     *
     * @param name the property
     * @param value its value
     * @return this mix-in
     * @throws IllegalArgumentException if the name is empty or contains an equals sign
     */
    public ForkingMixIn systemProperty(String name, String value) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
        if (name.isEmpty() || name.indexOf('=') >= 0) {
            throw new IllegalArgumentException("\"" + name + "\" is no name of a system property");
        }
        return workerOption("-D" + name + '=' + value);
    }

    private void requireNotOpen() {
        if (pool != null) {
            throw new IllegalStateException("options of workers can be set only before the server is bound");
        }
    }

    // State

    /**
     * Returns how many requests are running or waiting for a worker.
     *
     * @return requests, from 0 to {@link #maxChildren()}, or more after that was lowered
     */
    public int active() {
        return slots.taken();
    }

    /**
     * Returns the process ids of the workers that are handling a request (CPython: {@code active_children}).
     *
     * @return their process ids
     */
    public Set<Long> activeChildren() {
        return workers().stream()
                .filter(worker -> worker.phase() == Phase.BUSY)
                .map(WorkerState::pid)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Returns a snapshot of each worker.
     *
     * @return the snapshots; empty before the server is bound and after it is closed
     */
    @Override
    public List<WorkerState> workers() {
        WorkerPool current = pool;
        return current == null ? List.of() : current.states();
    }

    /**
     * Returns how many workers were started since this mix-in was created, including those that were replaced.
     *
     * @return processes
     */
    @Override
    public long workersStarted() {
        return started.sum();
    }

    /**
     * Returns how many workers exited unexpectedly since this mix-in was created: they crashed or were killed, also by
     * the server because they took too long. Workers that ended after {@link #requestsPerChild} or {@link
     * #idleTimeout}, or when the server closed, are not counted.
     *
     * @return processes
     */
    @Override
    public long workersDied() {
        return died.sum();
    }

    /**
     * Ends workers that take too long and starts missing workers. Runs by itself ten times a second, and in {@link
     * #serviceActions()} and {@link #handleTimeout()} as in CPython. Does not wait, and never reaps other processes of
     * the application.
     */
    public void collectChildren() {
        WorkerPool current = pool;
        if (current != null) {
            current.check();
        }
    }

    // The mix-in

    @Override
    public void attach(Host newHost) {
        requireWorkable(newHost.handlerSource().handlerClass());
        SocketAddress address = newHost.address();
        requirePortable("the address " + address, output -> PortableValues.write(output, address));
        requirePortable("the options", output -> Messages.Start.writeOptions(output, newHost.options()));
        slots.attach(newHost);
        host = newHost;
    }

    private static void requireWorkable(Optional<Class<?>> handler) {
        String instead = "; pass a top-level or static nested class with a constructor without parameters";
        Class<?> type = handler.orElseThrow(() -> new IllegalArgumentException(
                "ForkingMixIn runs handlers in other processes, which can't use a function or a factory of this one"
                        + instead));
        if (type.isAnonymousClass() || type.isLocalClass() || type.isHidden()) {
            throw new IllegalArgumentException("the handler class " + type.getName()
                    + " belongs to the code around it, so a worker can't make it" + instead);
        }
        boolean found;
        try {
            found = Class.forName(type.getName(), false, ClassLoader.getSystemClassLoader()) == type;
        } catch (ClassNotFoundException | LinkageError unknown) {
            found = false;
        }
        if (!found) {
            throw new IllegalArgumentException("the handler class " + type.getName()
                    + " is not on the class path or module path of this process, which is all that a worker has; put it"
                    + " there, and do not load it with a class loader of its own");
        }
    }

    private static void requirePortable(String what, ControlChannel.Body body) {
        try {
            body.writeTo(new DataOutputStream(OutputStream.nullOutputStream()));
        } catch (IOException | RuntimeException refused) {
            throw new IllegalArgumentException(
                    what + " can't be sent to worker processes: " + refused.getMessage(), refused);
        }
    }

    @Override
    public void open() throws IOException {
        Host current = host;
        if (current == null) {
            throw new IllegalStateException("belongs to no server");
        }
        boolean descriptors = !(current instanceof DatagramServer) && passesDescriptors(current);
        WorkerPool made = new WorkerPool(
                current,
                new PoolSettings(
                        minIdle,
                        requestsPerChild,
                        requestsJitter,
                        idleTimeout,
                        startTimeout,
                        heartbeatTimeout,
                        handOver,
                        descriptors,
                        List.copyOf(workerOptions),
                        slots::limit,
                        slots::giveBack,
                        started,
                        died));
        made.open();
        pool = made;
    }

    private boolean passesDescriptors(Host server) throws IOException {
        Optional<String> obstacle =
                handOver == HandOver.RELAY ? Optional.of("it was asked for") : DescriptorPassing.obstacle();
        if (obstacle.isPresent() && handOver == HandOver.DESCRIPTOR) {
            throw new IOException("connections can't be handed over as descriptors: " + obstacle.get());
        }
        // Otherwise it depends on the transport's connections: said when the first one goes to a worker.
        obstacle.ifPresent(why -> new EventLog(server::name)
                .log(
                        Level.INFO,
                        "hand-over",
                        "the server for " + server.transport() + " relays connections to its workers: " + why));
        return obstacle.isEmpty();
    }

    @Override
    public boolean hasCapacity() {
        WorkerPool current = pool;
        return slots.hasRoom() && (current == null || current.hasRoom());
    }

    @Override
    public void processRequest(RequestTask task) {
        WorkerPool current = pool;
        if (current == null) {
            throw new IllegalStateException("the server is not bound");
        }
        slots.take();
        current.submit(task);
    }

    @Override
    public void serviceActions() {
        collectChildren();
    }

    @Override
    public void handleTimeout() {
        collectChildren();
    }

    @Override
    public void close() {
        WorkerPool current = pool;
        if (current != null) {
            current.close();
            pool = null;
        }
    }
}
