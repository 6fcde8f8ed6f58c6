package org.socketserver.api;

import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.socketserver.api.internal.Checks;

/**
 * The options of a server, as one immutable value.
 *
 * <pre>{@code
 * ServerOptions.DEFAULTS.deadline(Deadline.READ, Duration.ofSeconds(30)).grace(Duration.ofSeconds(2))
 * }</pre>
 *
 * <p>Each option has two methods of the same name. The one with a parameter returns the same options with another
 * value; it checks the value at once, and documents unit, default and bounds. An option has no effect on a transport
 * that does not need it, so one value can be used for several transports. Where requests run, and how many at once, is
 * set on the {@link org.socketserver.api.spi.MixIn}.
 */
public final class ServerOptions {
    private static final boolean WINDOWS =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

    /** All options at their defaults. */
    public static final ServerOptions DEFAULTS = new ServerOptions();

    // Set before this object is returned, and never again.
    private String name = "";
    private int backlog = 4096;
    private boolean reuseAddress = !WINDOWS;
    private boolean reusePort = false;
    private boolean dualStack = true;
    private boolean noDelay = true;
    private boolean keepAlive = false;
    private int receiveBufferSize = 0;
    private int sendBufferSize = 0;
    private boolean broadcast = false;
    private int maxDatagramSize = 65_535;
    private boolean deliverTruncated = false;
    private Set<PosixFilePermission> socketFileMode = Set.of();
    private Duration acceptTimeout = Duration.ZERO;
    private Duration pollInterval = Duration.ofMillis(500);
    private int ageJitter = 10;
    private Limits limits = Limits.NONE;
    private Duration stuckAfter = Duration.ZERO;
    private Duration grace = Duration.ofSeconds(5);
    private boolean shutdownHook = true;
    private final Map<Deadline, Duration> deadlines = new EnumMap<>(Deadline.class);

    private ServerOptions() {
        deadlines.put(Deadline.HANDSHAKE, Duration.ofSeconds(10));
        deadlines.put(Deadline.WRITE, Duration.ofSeconds(30));
    }

    /** Copies the options. */
    private ServerOptions(ServerOptions other) {
        name = other.name;
        backlog = other.backlog;
        reuseAddress = other.reuseAddress;
        reusePort = other.reusePort;
        dualStack = other.dualStack;
        noDelay = other.noDelay;
        keepAlive = other.keepAlive;
        receiveBufferSize = other.receiveBufferSize;
        sendBufferSize = other.sendBufferSize;
        broadcast = other.broadcast;
        maxDatagramSize = other.maxDatagramSize;
        deliverTruncated = other.deliverTruncated;
        socketFileMode = other.socketFileMode;
        acceptTimeout = other.acceptTimeout;
        pollInterval = other.pollInterval;
        ageJitter = other.ageJitter;
        limits = other.limits;
        stuckAfter = other.stuckAfter;
        grace = other.grace;
        shutdownHook = other.shutdownHook;
        deadlines.putAll(other.deadlines);
    }

    /** {@return the name; empty for the transport and address} */
    public String name() {
        return name;
    }

    /**
     * Sets the name of the server in logs and thread names.
     *
     * <p>Default: empty, which means the transport and address, such as {@code tcp 127.0.0.1:8087}.
     *
     * @param name the name
     * @return options with this value
     */
    public ServerOptions name(String name) {
        ServerOptions copy = new ServerOptions(this);
        copy.name = Objects.requireNonNull(name, "name");
        return copy;
    }

    /** {@return how many connections may wait} */
    public int backlog() {
        return backlog;
    }

    /**
     * Sets how many connections may wait in the kernel's queue until they are accepted. Streams only.
     *
     * <p>Unit: connections. Default: 4,096. Bounds: 1 to 65,535; the kernel silently reduces it to its own maximum
     * (Linux: {@code net.core.somaxconn}). When the queue is full, clients wait or are refused, depending on the
     * system.
     *
     * @param backlog the length of the queue
     * @return options with this value
     * @throws IllegalArgumentException if out of bounds
     */
    public ServerOptions backlog(int backlog) {
        ServerOptions copy = new ServerOptions(this);
        copy.backlog = Checks.inRange("backlog", backlog, 1, 65535, "connections");
        return copy;
    }

    /** {@return whether {@code SO_REUSEADDR} is set} */
    public boolean reuseAddress() {
        return reuseAddress;
    }

    /**
     * Sets whether a server can bind an address that old connections still use: {@code SO_REUSEADDR}. TCP only.
     *
     * <p>Default: true, but false on Windows, where another process could then take over the port. On a UDP socket,
     * the same option would allow that on every system, so it is never set there; to share a UDP port on purpose,
     * use {@link #reusePort}.
     *
     * @param reuseAddress true to set
     * @return options with this value
     */
    public ServerOptions reuseAddress(boolean reuseAddress) {
        ServerOptions copy = new ServerOptions(this);
        copy.reuseAddress = reuseAddress;
        return copy;
    }

    /** {@return whether {@code SO_REUSEPORT} is set} */
    public boolean reusePort() {
        return reusePort;
    }

    /**
     * Sets whether several sockets can share one port, with the kernel distributing the load: {@code SO_REUSEPORT}.
     * TCP and UDP.
     *
     * <p>Default: false. If the system does not have the option, binding throws {@link
     * UnsupportedOperationException}.
     *
     * @param reusePort true to set
     * @return options with this value
     */
    public ServerOptions reusePort(boolean reusePort) {
        ServerOptions copy = new ServerOptions(this);
        copy.reusePort = reusePort;
        return copy;
    }

    /** {@return whether the wildcard address serves IPv4 and IPv6} */
    public boolean dualStack() {
        return dualStack;
    }

    /**
     * Sets whether a wildcard address accepts both IPv4 and IPv6. TCP and UDP.
     *
     * <p>Default: true; IPv4 clients have IPv4 addresses. If false, only the family of the server's address is
     * accepted. The JDK can't create an IPv6-only wildcard socket, so binding one then throws {@link
     * UnsupportedOperationException}.
     *
     * @param dualStack true for both families
     * @return options with this value
     */
    public ServerOptions dualStack(boolean dualStack) {
        ServerOptions copy = new ServerOptions(this);
        copy.dualStack = dualStack;
        return copy;
    }

    /** {@return whether small writes are sent at once} */
    public boolean noDelay() {
        return noDelay;
    }

    /**
     * Sets whether small writes are sent at once: {@code TCP_NODELAY} on every accepted connection. TCP only.
     *
     * <p>Default: true.
     *
     * @param noDelay true to send at once
     * @return options with this value
     */
    public ServerOptions noDelay(boolean noDelay) {
        ServerOptions copy = new ServerOptions(this);
        copy.noDelay = noDelay;
        return copy;
    }

    /** {@return whether the kernel sends keep-alive probes} */
    public boolean keepAlive() {
        return keepAlive;
    }

    /**
     * Sets whether the kernel probes silent peers: {@code SO_KEEPALIVE} on every accepted connection. TCP only.
     *
     * <p>Default: false.
     *
     * @param keepAlive true to probe
     * @return options with this value
     */
    public ServerOptions keepAlive(boolean keepAlive) {
        ServerOptions copy = new ServerOptions(this);
        copy.keepAlive = keepAlive;
        return copy;
    }

    /** {@return the size of the receive buffer in bytes; 0 for the system's default} */
    public int receiveBufferSize() {
        return receiveBufferSize;
    }

    /**
     * Sets the size of the kernel's receive buffer of the server's socket, which accepted connections inherit:
     * {@code SO_RCVBUF}.
     *
     * <p>Unit: bytes. Default: 0, the system's default. Bounds: 0 to 1,073,741,824; the kernel silently reduces it
     * to its own maximum (Linux: {@code net.core.rmem_max}).
     *
     * @param receiveBufferSize the size in bytes
     * @return options with this value
     * @throws IllegalArgumentException if out of bounds
     */
    public ServerOptions receiveBufferSize(int receiveBufferSize) {
        ServerOptions copy = new ServerOptions(this);
        copy.receiveBufferSize = Checks.inRange("receiveBufferSize", receiveBufferSize, 0, 1 << 30, "bytes");
        return copy;
    }

    /** {@return the size of the send buffer in bytes; 0 for the system's default} */
    public int sendBufferSize() {
        return sendBufferSize;
    }

    /**
     * Sets the size of the kernel's send buffer of every accepted connection, or of the datagram socket: {@code
     * SO_SNDBUF}.
     *
     * <p>Unit: bytes. Default: 0, the system's default. Bounds: 0 to 1,073,741,824; the kernel silently reduces it
     * to its own maximum (Linux: {@code net.core.wmem_max}).
     *
     * @param sendBufferSize the size in bytes
     * @return options with this value
     * @throws IllegalArgumentException if out of bounds
     */
    public ServerOptions sendBufferSize(int sendBufferSize) {
        ServerOptions copy = new ServerOptions(this);
        copy.sendBufferSize = Checks.inRange("sendBufferSize", sendBufferSize, 0, 1 << 30, "bytes");
        return copy;
    }

    /** {@return whether replies to broadcast addresses are allowed} */
    public boolean broadcast() {
        return broadcast;
    }

    /**
     * Sets whether packets can be sent to broadcast addresses: {@code SO_BROADCAST}. UDP only. Receiving broadcasts
     * needs no option.
     *
     * <p>Default: false; sending to a broadcast address then fails.
     *
     * @param broadcast true to allow
     * @return options with this value
     */
    public ServerOptions broadcast(boolean broadcast) {
        ServerOptions copy = new ServerOptions(this);
        copy.broadcast = broadcast;
        return copy;
    }

    /** {@return the size of the largest datagram in bytes} */
    public int maxDatagramSize() {
        return maxDatagramSize;
    }

    /**
     * Sets the length of the longest datagram that is received completely. Datagrams only.
     *
     * <p>Unit: bytes. Default: 65,535, which holds any UDP datagram. Bounds: 1 to 16,777,216. A longer datagram is
     * dropped and reported to {@link RequestListener#datagramTruncated}, unless {@link #deliverTruncated} is set.
     *
     * @param maxDatagramSize the length in bytes
     * @return options with this value
     * @throws IllegalArgumentException if out of bounds
     */
    public ServerOptions maxDatagramSize(int maxDatagramSize) {
        ServerOptions copy = new ServerOptions(this);
        copy.maxDatagramSize = Checks.inRange("maxDatagramSize", maxDatagramSize, 1, 16 << 20, "bytes");
        return copy;
    }

    /** {@return whether truncated datagrams reach the handler} */
    public boolean deliverTruncated() {
        return deliverTruncated;
    }

    /**
     * Sets whether datagrams longer than {@link #maxDatagramSize} are delivered to handlers, truncated to that size
     * and marked with {@link DatagramRequest#isTruncated()}. Datagrams only.
     *
     * <p>Default: false; they are dropped.
     *
     * @param deliverTruncated true to deliver
     * @return options with this value
     */
    public ServerOptions deliverTruncated(boolean deliverTruncated) {
        ServerOptions copy = new ServerOptions(this);
        copy.deliverTruncated = deliverTruncated;
        return copy;
    }

    /** {@return the permissions; empty for what the process's umask leaves} */
    public Set<PosixFilePermission> socketFileMode() {
        return socketFileMode;
    }

    /**
     * Sets the permissions of the socket file, from the moment it can be connected to. Unix sockets with a path
     * only.
     *
     * <p>Default: empty; the umask of the process decides. On Linux, connecting needs write permission.
     *
     * @param socketFileMode the permissions, for example {@code PosixFilePermissions.fromString("rw-rw----")}
     * @return options with this value
     */
    public ServerOptions socketFileMode(Set<PosixFilePermission> socketFileMode) {
        ServerOptions copy = new ServerOptions(this);
        copy.socketFileMode = Set.copyOf(Objects.requireNonNull(socketFileMode, "socketFileMode"));
        return copy;
    }

    /** {@return how long {@code handleRequest} waits; zero for no limit} */
    public Duration acceptTimeout() {
        return acceptTimeout;
    }

    /**
     * Sets how long {@link org.socketserver.api.server.BaseServer#handleRequest()} waits for a request before it
     * calls {@link org.socketserver.api.server.BaseServer#handleTimeout()}. CPython: {@code BaseServer.timeout}.
     *
     * <p>Unit: time, to the millisecond. Default: zero, no limit. Bound: not negative.
     *
     * @param acceptTimeout the time
     * @return options with this value
     * @throws IllegalArgumentException if out of bounds
     */
    public ServerOptions acceptTimeout(Duration acceptTimeout) {
        ServerOptions copy = new ServerOptions(this);
        copy.acceptTimeout = Checks.notNegative("acceptTimeout", acceptTimeout);
        return copy;
    }

    /** {@return the maximum time between two calls of {@code serviceActions}} */
    public Duration pollInterval() {
        return pollInterval;
    }

    /**
     * Sets the maximum time between two calls of {@link org.socketserver.api.server.BaseServer#serviceActions()}
     * while no requests arrive. It does not affect how fast a server stops or accepts.
     *
     * <p>Unit: time, to the millisecond. Default: 500 ms. Bound: at least 1 ms.
     *
     * @param pollInterval the time
     * @return options with this value
     * @throws IllegalArgumentException if out of bounds
     */
    public ServerOptions pollInterval(Duration pollInterval) {
        ServerOptions copy = new ServerOptions(this);
        copy.pollInterval = Checks.atLeastMillis("pollInterval", pollInterval, 1);
        return copy;
    }

    /**
     * Returns the time of a deadline.
     *
     * @param deadline the deadline
     * @return the time; zero for no limit
     */
    public Duration deadline(Deadline deadline) {
        return deadlines.getOrDefault(Objects.requireNonNull(deadline, "deadline"), Duration.ZERO);
    }

    /**
     * Sets a deadline. A handler can change the deadlines of its connection with {@link
     * StreamRequest#deadline(Deadline, Duration)}.
     *
     * <p>Units, defaults, bounds and effects: see {@link Deadline}.
     *
     * @param deadline the deadline
     * @param time the time; zero for no limit
     * @return options with this value
     * @throws IllegalArgumentException if negative, or between zero and 1 ms
     */
    public ServerOptions deadline(Deadline deadline, Duration time) {
        ServerOptions copy = new ServerOptions(this);
        copy.deadlines.put(
                Objects.requireNonNull(deadline, "deadline"), Checks.zeroOrOneMilli("the deadline " + deadline, time));
        return copy;
    }

    /** {@return the jitter in percent} */
    public int ageJitter() {
        return ageJitter;
    }

    /**
     * Sets by how much {@link Deadline#AGE} varies between connections, so that connections that were opened
     * together are not all ended together.
     *
     * <p>Unit: percent of the age, plus or minus. Default: 10. Bounds: 0 to 100.
     *
     * @param ageJitter the jitter in percent
     * @return options with this value
     * @throws IllegalArgumentException if out of bounds
     */
    public ServerOptions ageJitter(int ageJitter) {
        ServerOptions copy = new ServerOptions(this);
        copy.ageJitter = Checks.inRange("ageJitter", ageJitter, 0, 100, "percent");
        return copy;
    }

    /** {@return the limits} */
    public Limits limits() {
        return limits;
    }

    /**
     * Sets the limits on clients.
     *
     * <p>Units, defaults, bounds and effects: see {@link Limits}. Default: {@link Limits#NONE}.
     *
     * @param limits the limits
     * @return options with this value
     */
    public ServerOptions limits(Limits limits) {
        ServerOptions copy = new ServerOptions(this);
        copy.limits = Objects.requireNonNull(limits, "limits");
        return copy;
    }

    /** {@return the time after which a handler counts as stuck; zero for never} */
    public Duration stuckAfter() {
        return stuckAfter;
    }

    /**
     * Sets after what time a handler that neither waits for its peer nor transfers a byte is reported as stuck. It
     * is reported once for each request, with peer, age and stack, in the log and to {@link
     * RequestListener#requestStuck}. The request continues.
     *
     * <p>Unit: time, to the millisecond. Default: zero, which turns the detection off. Bound: not negative.
     *
     * @param stuckAfter the time
     * @return options with this value
     * @throws IllegalArgumentException if out of bounds
     */
    public ServerOptions stuckAfter(Duration stuckAfter) {
        ServerOptions copy = new ServerOptions(this);
        copy.stuckAfter = Checks.notNegative("stuckAfter", stuckAfter);
        return copy;
    }

    /** {@return the grace period of {@code close}} */
    public Duration grace() {
        return grace;
    }

    /**
     * Sets the grace period: how long {@link org.socketserver.api.server.BaseServer#close()} lets busy requests
     * continue before it aborts them.
     *
     * <p>Unit: time, to the millisecond. Default: 5 s. Zero aborts them at once. Bound: not negative.
     *
     * @param grace the time
     * @return options with this value
     * @throws IllegalArgumentException if out of bounds
     */
    public ServerOptions grace(Duration grace) {
        ServerOptions copy = new ServerOptions(this);
        copy.grace = Checks.notNegative("grace", grace);
        return copy;
    }

    /** {@return whether the end of the JVM closes the server} */
    public boolean shutdownHook() {
        return shutdownHook;
    }

    /**
     * Sets whether the server is closed, with its {@link #grace()}, when the JVM begins to shut down while it serves or
     * is being stopped: after SIGTERM, Ctrl-C or {@link System#exit}. All such servers of a JVM share one {@linkplain
     * Runtime#addShutdownHook shutdown hook}, which is registered only while there is one. It closes them in parallel.
     * It does not wait for a request whose own thread has called {@code System.exit}. The hooks of the application run
     * at the same time.
     *
     * <p>Default: true. Turn it off if the application closes the server itself at a certain point of its own shutdown.
     *
     * @param shutdownHook false to leave the server alone
     * @return options with this value
     */
    public ServerOptions shutdownHook(boolean shutdownHook) {
        ServerOptions copy = new ServerOptions(this);
        copy.shutdownHook = shutdownHook;
        return copy;
    }
}
