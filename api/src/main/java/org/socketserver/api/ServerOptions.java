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
 * ServerOptions.builder().deadline(Deadline.READ, Duration.ofSeconds(30)).grace(Duration.ofSeconds(2)).build()
 * }</pre>
 *
 * <p>The methods of {@link Builder} document the unit, default and bounds of each option. An option has no effect on a
 * transport that does not need it, so one value can be used for several transports. Where requests run, and how many at
 * once, is set on the {@link org.socketserver.api.spi.MixIn}.
 */
public final class ServerOptions {
    /** All options at their defaults. */
    public static final ServerOptions DEFAULTS = builder().build();

    /** A private copy that is not modified. */
    private final Builder values;

    private ServerOptions(Builder values) {
        this.values = values;
    }

    /**
     * Returns a builder with all options at their defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns a builder with the options of this value.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        return new Builder(values);
    }

    /** {@return the name; empty for the transport and address} See {@link Builder#name}. */
    public String name() {
        return values.name;
    }

    /** {@return connections} See {@link Builder#backlog}. */
    public int backlog() {
        return values.backlog;
    }

    /** {@return true if set} See {@link Builder#reuseAddress}. */
    public boolean reuseAddress() {
        return values.reuseAddress;
    }

    /** {@return true if set} See {@link Builder#reusePort}. */
    public boolean reusePort() {
        return values.reusePort;
    }

    /** {@return true for both families} See {@link Builder#dualStack}. */
    public boolean dualStack() {
        return values.dualStack;
    }

    /** {@return true if set} See {@link Builder#noDelay}. */
    public boolean noDelay() {
        return values.noDelay;
    }

    /** {@return true if set} See {@link Builder#keepAlive}. */
    public boolean keepAlive() {
        return values.keepAlive;
    }

    /** {@return bytes; 0 for the system's default} See {@link Builder#receiveBufferSize}. */
    public int receiveBufferSize() {
        return values.receiveBufferSize;
    }

    /** {@return bytes; 0 for the system's default} See {@link Builder#sendBufferSize}. */
    public int sendBufferSize() {
        return values.sendBufferSize;
    }

    /** {@return true if allowed} See {@link Builder#broadcast}. */
    public boolean broadcast() {
        return values.broadcast;
    }

    /** {@return bytes} See {@link Builder#maxDatagramSize}. */
    public int maxDatagramSize() {
        return values.maxDatagramSize;
    }

    /** {@return true if delivered} See {@link Builder#deliverTruncated}. */
    public boolean deliverTruncated() {
        return values.deliverTruncated;
    }

    /** {@return permissions; empty for what the process's umask leaves} See {@link Builder#socketFileMode}. */
    public Set<PosixFilePermission> socketFileMode() {
        return values.socketFileMode;
    }

    /** {@return the time; zero for no limit} See {@link Builder#acceptTimeout}. */
    public Duration acceptTimeout() {
        return values.acceptTimeout;
    }

    /** {@return the time} See {@link Builder#pollInterval}. */
    public Duration pollInterval() {
        return values.pollInterval;
    }

    /**
     * Returns the time of a deadline. See {@link Builder#deadline}.
     *
     * @param deadline the deadline
     * @return the time; zero for no limit
     */
    public Duration deadline(Deadline deadline) {
        return values.deadlines.getOrDefault(Objects.requireNonNull(deadline, "deadline"), Duration.ZERO);
    }

    /** {@return percent} See {@link Builder#ageJitter}. */
    public int ageJitter() {
        return values.ageJitter;
    }

    /** {@return the limits} See {@link Builder#limits}. */
    public Limits limits() {
        return values.limits;
    }

    /** {@return the time; zero if stuck handlers are not detected} See {@link Builder#stuckAfter}. */
    public Duration stuckAfter() {
        return values.stuckAfter;
    }

    /** {@return the time} See {@link Builder#grace}. */
    public Duration grace() {
        return values.grace;
    }

    /** {@return the time} See {@link Builder#drainDelay}. */
    public Duration drainDelay() {
        return values.drainDelay;
    }

    /**
     * Collects options. Every method checks its value at once and returns the builder. Not safe for use by several
     * threads.
     */
    public static final class Builder {
        private static final boolean WINDOWS =
                System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

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
        private final Map<Deadline, Duration> deadlines = new EnumMap<>(Deadline.class);
        private int ageJitter = 10;
        private Limits limits = Limits.NONE;
        private Duration stuckAfter = Duration.ZERO;
        private Duration grace = Duration.ofSeconds(5);
        private Duration drainDelay = Duration.ZERO;

        private Builder() {
            deadlines.put(Deadline.WRITE, Duration.ofSeconds(30));
        }

        private Builder(Builder other) {
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
            deadlines.putAll(other.deadlines);
            ageJitter = other.ageJitter;
            limits = other.limits;
            stuckAfter = other.stuckAfter;
            grace = other.grace;
            drainDelay = other.drainDelay;
        }

        /**
         * Sets the name of the server in logs and thread names.
         *
         * <p>Default: empty, which means the transport and address, such as {@code tcp 127.0.0.1:8087}.
         *
         * @param name the name
         * @return this builder
         */
        public Builder name(String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets how many connections may wait in the kernel's queue until they are accepted. Streams only.
         *
         * <p>Unit: connections. Default: 4,096. Bounds: 1 to 65,535; the kernel silently reduces it to its own maximum
         * (Linux: {@code net.core.somaxconn}). When the queue is full, clients wait or are refused, depending on the
         * system.
         *
         * @param backlog the length of the queue
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder backlog(int backlog) {
            this.backlog = Checks.inRange("backlog", backlog, 1, 65535, "connections");
            return this;
        }

        /**
         * Sets whether a server can bind an address that old connections still use: {@code SO_REUSEADDR}. TCP only.
         *
         * <p>Default: true, but false on Windows, where another process could then take over the port. On a UDP socket,
         * the same option would allow that on every system, so it is never set there; to share a UDP port on purpose,
         * use {@link #reusePort}.
         *
         * @param reuseAddress true to set
         * @return this builder
         */
        public Builder reuseAddress(boolean reuseAddress) {
            this.reuseAddress = reuseAddress;
            return this;
        }

        /**
         * Sets whether several sockets can share one port, with the kernel distributing the load: {@code SO_REUSEPORT}.
         * TCP and UDP.
         *
         * <p>Default: false. If the system does not have the option, binding throws {@link
         * UnsupportedOperationException}.
         *
         * @param reusePort true to set
         * @return this builder
         */
        public Builder reusePort(boolean reusePort) {
            this.reusePort = reusePort;
            return this;
        }

        /**
         * Sets whether a wildcard address accepts both IPv4 and IPv6. TCP and UDP.
         *
         * <p>Default: true; IPv4 clients have IPv4 addresses. If false, only the family of the server's address is
         * accepted. The JDK can't create an IPv6-only wildcard socket, so binding one then throws {@link
         * UnsupportedOperationException}.
         *
         * @param dualStack true for both families
         * @return this builder
         */
        public Builder dualStack(boolean dualStack) {
            this.dualStack = dualStack;
            return this;
        }

        /**
         * Sets whether small writes are sent at once: {@code TCP_NODELAY} on every accepted connection. TCP only.
         *
         * <p>Default: true.
         *
         * @param noDelay true to send at once
         * @return this builder
         */
        public Builder noDelay(boolean noDelay) {
            this.noDelay = noDelay;
            return this;
        }

        /**
         * Sets whether the kernel probes silent peers: {@code SO_KEEPALIVE} on every accepted connection. TCP only.
         *
         * <p>Default: false.
         *
         * @param keepAlive true to probe
         * @return this builder
         */
        public Builder keepAlive(boolean keepAlive) {
            this.keepAlive = keepAlive;
            return this;
        }

        /**
         * Sets the size of the kernel's receive buffer of the server's socket, which accepted connections inherit:
         * {@code SO_RCVBUF}.
         *
         * <p>Unit: bytes. Default: 0, the system's default. Bounds: 0 to 1,073,741,824; the kernel silently reduces it
         * to its own maximum (Linux: {@code net.core.rmem_max}).
         *
         * @param receiveBufferSize the size in bytes
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder receiveBufferSize(int receiveBufferSize) {
            this.receiveBufferSize = Checks.inRange("receiveBufferSize", receiveBufferSize, 0, 1 << 30, "bytes");
            return this;
        }

        /**
         * Sets the size of the kernel's send buffer of every accepted connection, or of the datagram socket: {@code
         * SO_SNDBUF}.
         *
         * <p>Unit: bytes. Default: 0, the system's default. Bounds: 0 to 1,073,741,824; the kernel silently reduces it
         * to its own maximum (Linux: {@code net.core.wmem_max}).
         *
         * @param sendBufferSize the size in bytes
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder sendBufferSize(int sendBufferSize) {
            this.sendBufferSize = Checks.inRange("sendBufferSize", sendBufferSize, 0, 1 << 30, "bytes");
            return this;
        }

        /**
         * Sets whether packets can be sent to broadcast addresses: {@code SO_BROADCAST}. UDP only. Receiving broadcasts
         * needs no option.
         *
         * <p>Default: false; sending to a broadcast address then fails.
         *
         * @param broadcast true to allow
         * @return this builder
         */
        public Builder broadcast(boolean broadcast) {
            this.broadcast = broadcast;
            return this;
        }

        /**
         * Sets the length of the longest datagram that is received completely. Datagrams only.
         *
         * <p>Unit: bytes. Default: 65,535, which holds any UDP datagram. Bounds: 1 to 16,777,216. A longer datagram is
         * dropped and reported to {@link RequestListener#datagramTruncated}, unless {@link #deliverTruncated} is set.
         *
         * @param maxDatagramSize the length in bytes
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder maxDatagramSize(int maxDatagramSize) {
            this.maxDatagramSize = Checks.inRange("maxDatagramSize", maxDatagramSize, 1, 16 << 20, "bytes");
            return this;
        }

        /**
         * Sets whether datagrams longer than {@link #maxDatagramSize} are delivered to handlers, truncated to that size
         * and marked with {@link DatagramRequest#isTruncated()}. Datagrams only.
         *
         * <p>Default: false; they are dropped.
         *
         * @param deliverTruncated true to deliver
         * @return this builder
         */
        public Builder deliverTruncated(boolean deliverTruncated) {
            this.deliverTruncated = deliverTruncated;
            return this;
        }

        /**
         * Sets the permissions of the socket file, from the moment it can be connected to. Unix sockets with a path
         * only.
         *
         * <p>Default: empty; the umask of the process decides. On Linux, connecting needs write permission.
         *
         * @param socketFileMode the permissions, for example {@code PosixFilePermissions.fromString("rw-rw----")}
         * @return this builder
         */
        public Builder socketFileMode(Set<PosixFilePermission> socketFileMode) {
            this.socketFileMode = Set.copyOf(Objects.requireNonNull(socketFileMode, "socketFileMode"));
            return this;
        }

        /**
         * Sets how long {@link org.socketserver.api.server.BaseServer#handleRequest()} waits for a request before it
         * calls {@link org.socketserver.api.server.BaseServer#handleTimeout()}. CPython: {@code BaseServer.timeout}.
         *
         * <p>Unit: time, to the millisecond. Default: zero, no limit. Bound: not negative.
         *
         * @param acceptTimeout the time
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder acceptTimeout(Duration acceptTimeout) {
            this.acceptTimeout = Checks.notNegative("acceptTimeout", acceptTimeout);
            return this;
        }

        /**
         * Sets the maximum time between two calls of {@link org.socketserver.api.server.BaseServer#serviceActions()}
         * while no requests arrive. It does not affect how fast a server stops or accepts.
         *
         * <p>Unit: time, to the millisecond. Default: 500 ms. Bound: at least 1 ms.
         *
         * @param pollInterval the time
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder pollInterval(Duration pollInterval) {
            this.pollInterval = Checks.atLeastOneMilli("pollInterval", pollInterval);
            return this;
        }

        /**
         * Sets a deadline. A handler can change the deadlines of its connection with {@link
         * StreamRequest#deadline(Deadline, Duration)}.
         *
         * <p>Units, defaults, bounds and effects: see {@link Deadline}.
         *
         * @param deadline the deadline
         * @param time the time; zero for no limit
         * @return this builder
         * @throws IllegalArgumentException if negative, or between zero and 1 ms
         */
        public Builder deadline(Deadline deadline, Duration time) {
            deadlines.put(
                    Objects.requireNonNull(deadline, "deadline"),
                    Checks.zeroOrOneMilli("the deadline " + deadline, time));
            return this;
        }

        /**
         * Sets by how much {@link Deadline#AGE} varies between connections, so that connections that were opened
         * together are not all ended together.
         *
         * <p>Unit: percent of the age, plus or minus. Default: 10. Bounds: 0 to 100.
         *
         * @param ageJitter the jitter in percent
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder ageJitter(int ageJitter) {
            this.ageJitter = Checks.inRange("ageJitter", ageJitter, 0, 100, "percent");
            return this;
        }

        /**
         * Sets the limits on clients.
         *
         * <p>Units, defaults, bounds and effects: see {@link Limits}. Default: {@link Limits#NONE}.
         *
         * @param limits the limits
         * @return this builder
         */
        public Builder limits(Limits limits) {
            this.limits = Objects.requireNonNull(limits, "limits");
            return this;
        }

        /**
         * Sets after what time a handler that neither waits for its peer nor transfers a byte is reported as stuck. It
         * is reported once for each request, with peer, age and stack, in the log and to {@link
         * RequestListener#requestStuck}. The request continues.
         *
         * <p>Unit: time, to the millisecond. Default: zero, which turns the detection off. Bound: not negative.
         *
         * @param stuckAfter the time
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder stuckAfter(Duration stuckAfter) {
            this.stuckAfter = Checks.notNegative("stuckAfter", stuckAfter);
            return this;
        }

        /**
         * Sets the grace period: how long {@link org.socketserver.api.server.BaseServer#close()} lets busy requests
         * continue before it aborts them.
         *
         * <p>Unit: time, to the millisecond. Default: 5 s. Zero aborts them at once. Bound: not negative.
         *
         * @param grace the time
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder grace(Duration grace) {
            this.grace = Checks.notNegative("grace", grace);
            return this;
        }

        /**
         * Sets how long a stop with a grace period waits, after it has stopped accepting, before it ends the first
         * connection. A load balancer, or handlers that check {@link Server#isStopping()}, can use this time to send
         * clients elsewhere. Connections are served as before meanwhile. The grace period begins afterwards. There is
         * no delay if no requests are live.
         *
         * <p>Unit: time, to the millisecond. Default: zero. Bound: not negative.
         *
         * @param drainDelay the time
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder drainDelay(Duration drainDelay) {
            this.drainDelay = Checks.notNegative("drainDelay", drainDelay);
            return this;
        }

        /**
         * Returns the options set so far.
         *
         * @return the options
         */
        public ServerOptions build() {
            return new ServerOptions(new Builder(this));
        }
    }
}
