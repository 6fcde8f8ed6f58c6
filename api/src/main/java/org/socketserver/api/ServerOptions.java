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
 * Everything that can be set about a server, as one immutable value.
 *
 * <pre>{@code
 * ServerOptions.builder().deadline(Deadline.READ, Duration.ofSeconds(30)).grace(Duration.ofSeconds(2)).build()
 * }</pre>
 *
 * <p>Unit, default, bounds, and what happens at them stand at the methods of {@link Builder}. An option that a
 * transport has no use for has no effect there, so that one value serves several transports. Where requests run, and
 * how many at once, is set on the {@link org.socketserver.api.spi.MixIn}.
 */
public final class ServerOptions {
    /** All options at their defaults. */
    public static final ServerOptions DEFAULTS = builder().build();

    /** A copy of its own; nobody changes it any more. */
    private final Builder values;

    private ServerOptions(Builder values) {
        this.values = values;
    }

    /**
     * Begins with all options at their defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Begins with the options of this value.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        return new Builder(values);
    }

    /** {@return the name; empty for transport and address} See {@link Builder#name}. */
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
     * @param deadline which one
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

    /** {@return the time; zero if nobody looks} See {@link Builder#stuckAfter}. */
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
     * Collects options; every method checks its value at once and returns the builder. Not safe for several threads.
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
         * <p>Default: empty, which means transport and address, such as {@code tcp 127.0.0.1:8087}.
         *
         * @param name the name
         * @return this builder
         */
        public Builder name(String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets how many connections the kernel may hold that are not accepted yet. Streams only.
         *
         * <p>Unit: connections. Default: 4,096. Bounds: 1 to 65,535; the kernel cuts it to its own maximum without a
         * word (Linux: {@code net.core.somaxconn}). A peer beyond it waits, or is refused, as the system does.
         *
         * @param backlog the number
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder backlog(int backlog) {
            this.backlog = Checks.inRange("backlog", backlog, 1, 65535, "connections");
            return this;
        }

        /**
         * Lets a server bind an address whose old connections still linger: {@code SO_REUSEADDR}. TCP only.
         *
         * <p>Default: true, but false on Windows, where it would let another process take the port over. Packets leave
         * no old connections, and on a UDP socket the same option would let another server take the port over on every
         * system; to share a UDP port on purpose there is {@link #reusePort}.
         *
         * @param reuseAddress true to set
         * @return this builder
         */
        public Builder reuseAddress(boolean reuseAddress) {
            this.reuseAddress = reuseAddress;
            return this;
        }

        /**
         * Lets several sockets share one port, and the kernel spread the load: {@code SO_REUSEPORT}. TCP, UDP.
         *
         * <p>Default: false. Where the system has no such option, binding throws {@link UnsupportedOperationException}.
         *
         * @param reusePort true to set
         * @return this builder
         */
        public Builder reusePort(boolean reusePort) {
            this.reusePort = reusePort;
            return this;
        }

        /**
         * Lets a wildcard address take IPv4 and IPv6 peers alike. TCP, UDP.
         *
         * <p>Default: true; IPv4 peers have IPv4 addresses. False: only the family of the server's address; the JDK
         * can't make an IPv6-only wildcard socket, so binding one then throws {@link UnsupportedOperationException}.
         *
         * @param dualStack true for both families
         * @return this builder
         */
        public Builder dualStack(boolean dualStack) {
            this.dualStack = dualStack;
            return this;
        }

        /**
         * Sends small writes at once: {@code TCP_NODELAY} on every accepted connection. TCP only; no effect on Unix
         * sockets.
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
         * Lets the kernel probe silent peers: {@code SO_KEEPALIVE} on every accepted connection. TCP only.
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
         * Sets the kernel's receive buffer of the server's socket, which accepted connections inherit: {@code
         * SO_RCVBUF}.
         *
         * <p>Unit: bytes. Default: 0, the system's own. Bounds: 0 to 1,073,741,824; the kernel cuts it to its own
         * maximum without a word (Linux: {@code net.core.rmem_max}).
         *
         * @param receiveBufferSize bytes
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder receiveBufferSize(int receiveBufferSize) {
            this.receiveBufferSize = Checks.inRange("receiveBufferSize", receiveBufferSize, 0, 1 << 30, "bytes");
            return this;
        }

        /**
         * Sets the kernel's send buffer: {@code SO_SNDBUF}, on every accepted connection, or on the datagram socket.
         *
         * <p>Unit: bytes. Default: 0, the system's own. Bounds: 0 to 1,073,741,824; the kernel cuts it to its own
         * maximum without a word (Linux: {@code net.core.wmem_max}).
         *
         * @param sendBufferSize bytes
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder sendBufferSize(int sendBufferSize) {
            this.sendBufferSize = Checks.inRange("sendBufferSize", sendBufferSize, 0, 1 << 30, "bytes");
            return this;
        }

        /**
         * Allows sending to broadcast addresses: {@code SO_BROADCAST}. UDP only; receiving them needs no option.
         *
         * <p>Default: false; sending to one then fails.
         *
         * @param broadcast true to allow
         * @return this builder
         */
        public Builder broadcast(boolean broadcast) {
            this.broadcast = broadcast;
            return this;
        }

        /**
         * Sets the longest datagram that is received whole. Datagrams only.
         *
         * <p>Unit: bytes. Default: 65,535, which holds any UDP datagram. Bounds: 1 to 16,777,216. A longer datagram is
         * dropped with {@link RequestListener#datagramTruncated}, unless {@link #deliverTruncated} says otherwise.
         *
         * @param maxDatagramSize bytes
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder maxDatagramSize(int maxDatagramSize) {
            this.maxDatagramSize = Checks.inRange("maxDatagramSize", maxDatagramSize, 1, 16 << 20, "bytes");
            return this;
        }

        /**
         * Delivers datagrams longer than {@link #maxDatagramSize} to handlers, cut to that size and marked {@link
         * DatagramRequest#isTruncated()}. Datagrams only.
         *
         * <p>Default: false, they are dropped.
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
         * <p>Default: empty, what the umask of the process leaves. Connecting needs write permission on Linux.
         *
         * @param socketFileMode permissions, for example {@code PosixFilePermissions.fromString("rw-rw----")}
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
         * Sets the longest time between two calls of {@link org.socketserver.api.server.BaseServer#serviceActions()}
         * while nothing comes. Has no influence on how fast a server stops or accepts.
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
         * Sets one of the times that a request may take. A handler can change those of its connection with {@link
         * StreamRequest#deadline(Deadline, Duration)}.
         *
         * <p>Units, defaults, bounds, and what happens: see {@link Deadline}.
         *
         * @param deadline which one
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
         * Sets by how much {@link Deadline#AGE} differs from connection to connection, so that connections that came
         * together do not go together.
         *
         * <p>Unit: percent of the age, more or less. Default: 10. Bounds: 0 to 100.
         *
         * @param ageJitter percent
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder ageJitter(int ageJitter) {
            this.ageJitter = Checks.inRange("ageJitter", ageJitter, 0, 100, "percent");
            return this;
        }

        /**
         * Sets who is let in, and how many.
         *
         * <p>Units, defaults, bounds, and what happens: see {@link Limits}. Default: {@link Limits#NONE}.
         *
         * @param limits the limits
         * @return this builder
         */
        public Builder limits(Limits limits) {
            this.limits = Objects.requireNonNull(limits, "limits");
            return this;
        }

        /**
         * Sets after what time a handler that neither waits for its peer nor moves a byte is reported as stuck: once
         * for each request, with peer, age and stack, in the log and to {@link RequestListener#requestStuck}. The
         * request goes on.
         *
         * <p>Unit: time, to the millisecond. Default: zero, nobody looks. Bound: not negative.
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
         * Sets how long {@link org.socketserver.api.server.BaseServer#close()} lets busy requests go on before it cuts
         * them.
         *
         * <p>Unit: time, to the millisecond. Default: 5 s. Zero: cut at once. Bound: not negative.
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
         * Sets how long a stop that sees requests to their end waits after it has stopped accepting, before it ends the
         * first connection: time for a load balancer, or for handlers that ask {@link Server#isStopping()}, to send
         * peers elsewhere. Connections are served as ever meanwhile. The grace begins afterwards; without live requests
         * there is no delay.
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
         * Makes the value.
         *
         * @return the options collected so far
         */
        public ServerOptions build() {
            return new ServerOptions(new Builder(this));
        }
    }
}
