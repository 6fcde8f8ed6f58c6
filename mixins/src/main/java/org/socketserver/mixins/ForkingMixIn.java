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
import org.socketserver.api.internal.Checks;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.server.DatagramServer;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.WorkerState.Phase;
import org.socketserver.mixins.forking.descriptor.DescriptorPassing;
import org.socketserver.mixins.forking.parent.PoolSettings;
import org.socketserver.mixins.forking.parent.WorkerPool;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.Messages;
import org.socketserver.mixins.forking.wire.PortableValues;

/**
 * Runs requests in other processes, so that a request which crashes, leaks, spins or exits takes down its own process
 * and nothing else.
 *
 * <pre>{@code
 * server.mixIn(new ForkingMixIn());
 * server.mixIn(new ForkingMixIn().maxChildren(8).requestsPerChild(1000).workerOption("-Xmx64m"));
 * }</pre>
 *
 * <p>A <b>worker</b> is a JVM of its own, with the class path and the Java of this one, which makes the handlers of the
 * server's handler class and runs them, one request at a time. Workers are started ahead and used again, because a JVM
 * takes a tenth of a second to start: {@link #minIdle}, {@link #requestsPerChild}.
 *
 * <p><b>What differs from fork(2).</b> A worker begins with fresh memory: it has nothing of what this process holds in
 * its fields, its open files, its statics. What it needs comes by the class path, by system properties ({@link
 * #systemProperty}), by options ({@link #workerOption}), by environment variables. The handler has to be a class with a
 * constructor without parameters; a function or factory belongs to this process and is refused. Statics of the handler
 * class live as long as the worker does, and see every request that this worker has.
 *
 * <p><b>What is the same.</b> Requests, addresses, deadlines, limits, events, counters, and the stop, are those of
 * every other mix-in. Hooks of the server run in this process, only the handler runs in the worker; what it throws
 * arrives at {@code handleError} as what it was if it is one of this framework's exceptions, otherwise as a {@link
 * HandlerException}. {@link org.socketserver.api.Request#server()} in a worker has the name and the address of the
 * server, and of its options those that matter to a handler: name, {@code maxDatagramSize}, deadlines, {@code
 * ageJitter}, {@code grace}, {@code stuckAfter}; all others have their defaults. It asks the server to stop when it is
 * asked to, and counts what this worker did.
 *
 * <p><b>Bound.</b> At most {@link #maxChildren()} requests run at once, never one more; at the bound the server's
 * {@link org.socketserver.api.Limits#whenFull} says what happens.
 *
 * <p><b>Deaths.</b> A worker that dies costs its request, whose connection is closed and which fails with a {@link
 * WorkerDiedException}; another worker takes its place. A request that goes on for a second after its {@link
 * org.socketserver.api.Deadline#REQUEST} has its worker asked for the stacks of its threads, which are logged, and
 * killed. A worker that gives no sign of life for {@link #heartbeatTimeout} is killed. A stop kills the workers whose
 * request is still there when the grace is over; {@code close} leaves no process behind. Workers end when this process
 * does, killed or not.
 *
 * <p><b>Signals.</b> Workers ignore SIGINT, SIGTERM and SIGHUP, which Ctrl-C and those who stop services send to every
 * process of a group: when workers end is the server's decision. SIGKILL ends one.
 *
 * <p><b>Startup.</b> {@code bind} fails if the first worker does not become ready, and says what it printed. Later
 * failures are logged, and tried again after 100 ms, doubled up to 10 s. After 5 in a row, if no worker lives,
 * requests that wait for one fail, and {@code serveForever} throws a {@link WorkerStartException}; it can serve
 * again. At most 8 workers start at once.
 *
 * <p><b>Hand-over.</b> A connection gets to its worker as a file descriptor if junixsocket is there and the JVM was
 * started with {@code --add-opens java.base/sun.nio.ch=ALL-UNNAMED} (on the module path {@code
 * =org.socketserver.mixins}; in the manifest of a jar {@code Add-Opens: java.base/sun.nio.ch}): only then does the JDK
 * show the descriptors of its connections. Otherwise this process reads and writes for the worker, which takes more
 * time for each byte: {@link HandOver}.
 *
 * <p><b>File descriptors.</b> A worker uses 6 file descriptors of this process, 5 if connections are relayed. If too
 * few are free for another worker, this is logged once per shortage and retried with back-off from 100 ms up to 1 s.
 * Existing workers continue. While none of them is idle and a request is already waiting, no more requests are
 * accepted. If no worker is left, waiting requests fail after 5 attempts and release their descriptors.
 *
 * <p>A worker is started only when enough descriptors are proven free, and while no server of this JVM accepts a
 * connection: otherwise the JDK (17 and 25) closes descriptors that are not its own. A handler or other code of this
 * JVM that opens many files in that instant can still cause it, unless it does so inside of {@link
 * org.socketserver.api.spi.DescriptorLock#shared}.
 *
 * <p><b>Output.</b> What a worker prints appears on the same stream of this process, each line with {@code [process
 * id]} before it. Until the worker is ready, and for at most 3 s and 40 lines, it is held back: if the worker fails
 * to start, it is part of the failure and not printed again.
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

    /** Runs requests in up to 40 workers, 2 of which wait. */
    public ForkingMixIn() {}

    /**
     * Sets how many requests may run at once, and with them how many workers there may be. Takes effect at once, also
     * while serving; workers that are too many leave when they are idle.
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
     * Returns how many requests may run at once.
     *
     * @return requests
     */
    public int maxChildren() {
        return slots.limit();
    }

    /**
     * Sets how many workers shall wait for requests, started ahead so that no request waits for a JVM.
     *
     * @param workers default 2; 0 starts a worker only when a request comes
     * @return this mix-in
     * @throws IllegalArgumentException if negative
     */
    public ForkingMixIn minIdle(int workers) {
        requireNotOpen();
        minIdle = Checks.atLeast("minIdle", workers, 0, "workers");
        return this;
    }

    /**
     * Sets how many requests a worker may have before another takes its place, against what handlers leave behind.
     *
     * @param requests default 0 for any number; 1 for a fresh process each time, as with fork
     * @return this mix-in
     * @throws IllegalArgumentException if negative
     */
    public ForkingMixIn requestsPerChild(int requests) {
        requireNotOpen();
        requestsPerChild = Checks.atLeast("requestsPerChild", requests, 0, "requests");
        return this;
    }

    /**
     * Sets how many requests fewer than {@link #requestsPerChild} a worker may have, by chance, so that not all end at
     * once.
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
     * Sets how long workers above {@link #minIdle} may be idle before they end.
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
     * Sets how long a worker may take until it is ready; it is killed then.
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
     * Sets how long a worker may give no sign of life, idle or not; it is killed then. Workers whose JVM runs give one
     * four times a second, whatever their handler does; one that is stopped (SIGSTOP), or starved of processor time,
     * does not.
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
     * Sets how connections get to a worker.
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
     * Adds an option for the JVM of the workers. Before it come those that this JVM was started with and that hold for
     * workers too: system properties, assertions, and what opens modules ({@code java.base/sun.nio.ch} excepted, which
     * only this process needs, and which makes a JVM start slower). Then come defaults: {@code
     * -XX:+ExitOnOutOfMemoryError}; {@code -XX:TieredStopAtLevel=1}, so that many workers are soon at their full speed
     * ({@code -XX:TieredStopAtLevel=4} is faster in the end, for few workers with much to compute); {@code
     * -XX:+UseSerialGC} unless you, or variables such as {@code JAVA_TOOL_OPTIONS}, choose a collector; {@code
     * -XX:MaxNewSize=16m} unless you set the size of the heap. The last of several wins.
     *
     * @param option for example {@code -Xmx64m}
     * @return this mix-in
     * @throws IllegalArgumentException if it is no option, because it does not begin with a minus
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

    // What can be seen

    /**
     * Returns how many requests are running, including those that wait for a worker.
     *
     * @return requests, from 0 to {@link #maxChildren()}, more only after that was lowered
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
     * Takes pictures of all workers.
     *
     * @return one for each process; empty before the server is bound and after it is closed
     */
    public List<WorkerState> workers() {
        WorkerPool current = pool;
        return current == null ? List.of() : current.states();
    }

    /**
     * Returns how many workers were started since this mix-in was created, including those that were replaced.
     *
     * @return processes
     */
    public long workersStarted() {
        return started.sum();
    }

    /**
     * Returns how many workers exited unexpectedly since this mix-in was created: they crashed, were killed, or were
     * ended by their server because they took too long. Those that had their number of requests, were idle for long, or
     * were there when the server closed, are not counted.
     *
     * @return processes
     */
    public long workersDied() {
        return died.sum();
    }

    /**
     * Ends workers that take too long, and starts those that are missing. Done by itself ten times a second, and by
     * {@link #serviceActions()} and {@link #handleTimeout()} as in CPython; never waits, and never waits for a process
     * of the application.
     */
    public void collectChildren() {
        WorkerPool current = pool;
        if (current != null) {
            current.look();
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
                "ForkingMixIn runs handlers in other processes, where a function or a factory of this one can't go"
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
