package org.socketserver.api;

import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * Everything that can be set about a server, as one immutable value.
 *
 * <pre>{@code
 * ServerOptions.builder().readTimeout(Duration.ofSeconds(30)).grace(Duration.ofSeconds(2)).build()
 * }</pre>
 *
 * <p>Unit, default, bounds, and what happens at them stand at the methods of {@link Builder}. An option that a transport
 * has no use for has no effect there, so that one value serves several transports. Where requests run, and how many at
 * once, is set on the {@link MixIn}.
 */
public final class ServerOptions {
    /** All options at their defaults. */
    public static final ServerOptions DEFAULTS = builder().build();

    private final String name;
    private final int backlog;
    private final boolean reuseAddress;
    private final boolean reusePort;
    private final boolean dualStack;
    private final boolean noDelay;
    private final boolean keepAlive;
    private final int receiveBufferSize;
    private final int sendBufferSize;
    private final boolean broadcast;
    private final int maxDatagramSize;
    private final boolean deliverTruncated;
    private final Set<PosixFilePermission> socketFileMode;
    private final Duration acceptTimeout;
    private final Duration pollInterval;
    private final Duration readTimeout;
    private final Duration writeTimeout;
    private final Duration grace;

    private ServerOptions(Builder builder) {
        name = builder.name;
        backlog = builder.backlog;
        reuseAddress = builder.reuseAddress;
        reusePort = builder.reusePort;
        dualStack = builder.dualStack;
        noDelay = builder.noDelay;
        keepAlive = builder.keepAlive;
        receiveBufferSize = builder.receiveBufferSize;
        sendBufferSize = builder.sendBufferSize;
        broadcast = builder.broadcast;
        maxDatagramSize = builder.maxDatagramSize;
        deliverTruncated = builder.deliverTruncated;
        socketFileMode = builder.socketFileMode;
        acceptTimeout = builder.acceptTimeout;
        pollInterval = builder.pollInterval;
        readTimeout = builder.readTimeout;
        writeTimeout = builder.writeTimeout;
        grace = builder.grace;
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
        Builder builder = new Builder();
        builder.name = name;
        builder.backlog = backlog;
        builder.reuseAddress = reuseAddress;
        builder.reusePort = reusePort;
        builder.dualStack = dualStack;
        builder.noDelay = noDelay;
        builder.keepAlive = keepAlive;
        builder.receiveBufferSize = receiveBufferSize;
        builder.sendBufferSize = sendBufferSize;
        builder.broadcast = broadcast;
        builder.maxDatagramSize = maxDatagramSize;
        builder.deliverTruncated = deliverTruncated;
        builder.socketFileMode = socketFileMode;
        builder.acceptTimeout = acceptTimeout;
        builder.pollInterval = pollInterval;
        builder.readTimeout = readTimeout;
        builder.writeTimeout = writeTimeout;
        builder.grace = grace;
        return builder;
    }

    /**
     * See {@link Builder#name}.
     *
     * @return the name, empty for transport and address
     */
    public String name() {
        return name;
    }

    /**
     * See {@link Builder#backlog}.
     *
     * @return connections
     */
    public int backlog() {
        return backlog;
    }

    /**
     * See {@link Builder#reuseAddress}.
     *
     * @return true if set
     */
    public boolean reuseAddress() {
        return reuseAddress;
    }

    /**
     * See {@link Builder#reusePort}.
     *
     * @return true if set
     */
    public boolean reusePort() {
        return reusePort;
    }

    /**
     * See {@link Builder#dualStack}.
     *
     * @return true if both
     */
    public boolean dualStack() {
        return dualStack;
    }

    /**
     * See {@link Builder#noDelay}.
     *
     * @return true if set
     */
    public boolean noDelay() {
        return noDelay;
    }

    /**
     * See {@link Builder#keepAlive}.
     *
     * @return true if set
     */
    public boolean keepAlive() {
        return keepAlive;
    }

    /**
     * See {@link Builder#receiveBufferSize}.
     *
     * @return bytes, 0 for the system's default
     */
    public int receiveBufferSize() {
        return receiveBufferSize;
    }

    /**
     * See {@link Builder#sendBufferSize}.
     *
     * @return bytes, 0 for the system's default
     */
    public int sendBufferSize() {
        return sendBufferSize;
    }

    /**
     * See {@link Builder#broadcast}.
     *
     * @return true if allowed
     */
    public boolean broadcast() {
        return broadcast;
    }

    /**
     * See {@link Builder#maxDatagramSize}.
     *
     * @return bytes
     */
    public int maxDatagramSize() {
        return maxDatagramSize;
    }

    /**
     * See {@link Builder#deliverTruncated}.
     *
     * @return true if delivered
     */
    public boolean deliverTruncated() {
        return deliverTruncated;
    }

    /**
     * See {@link Builder#socketFileMode}.
     *
     * @return permissions, empty for what the process's umask leaves
     */
    public Set<PosixFilePermission> socketFileMode() {
        return socketFileMode;
    }

    /**
     * See {@link Builder#acceptTimeout}.
     *
     * @return the time, zero for no limit
     */
    public Duration acceptTimeout() {
        return acceptTimeout;
    }

    /**
     * See {@link Builder#pollInterval}.
     *
     * @return the time
     */
    public Duration pollInterval() {
        return pollInterval;
    }

    /**
     * See {@link Builder#readTimeout}.
     *
     * @return the time, zero for no limit
     */
    public Duration readTimeout() {
        return readTimeout;
    }

    /**
     * See {@link Builder#writeTimeout}.
     *
     * @return the time, zero for no limit
     */
    public Duration writeTimeout() {
        return writeTimeout;
    }

    /**
     * See {@link Builder#grace}.
     *
     * @return the time
     */
    public Duration grace() {
        return grace;
    }

    /** Collects options; every method checks its value at once and returns the builder. Not safe for several threads. */
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
        private Duration readTimeout = Duration.ZERO;
        private Duration writeTimeout = Duration.ofSeconds(30);
        private Duration grace = Duration.ofSeconds(5);

        private Builder() {}

        /**
         * Names the server in logs and thread names.
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
         * <p>Unit: connections. Default: 4,096. Bounds: 1 to 65,535; the kernel cuts it to its own maximum without a word (Linux:
         * {@code net.core.somaxconn}). A peer beyond it waits, or is refused, as the system does.
         *
         * @param backlog the number
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder backlog(int backlog) {
            this.backlog = inRange("backlog", backlog, 1, 65535, "connections");
            return this;
        }

        /**
         * Lets a server bind an address whose old connections still linger: {@code SO_REUSEADDR}. TCP only.
         *
         * <p>Default: true, but false on Windows, where it would let another process take the port over. Packets leave no old
         * connections, and on a UDP socket the same option would let another server take the port over on every system; to
         * share a UDP port on purpose there is {@link #reusePort}.
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
         * <p>Default: true; IPv4 peers have IPv4 addresses. False: only the family of the server's address; the JDK can't make an
         * IPv6-only wildcard socket, so binding one then throws {@link UnsupportedOperationException}.
         *
         * @param dualStack true for both families
         * @return this builder
         */
        public Builder dualStack(boolean dualStack) {
            this.dualStack = dualStack;
            return this;
        }

        /**
         * Sends small writes at once: {@code TCP_NODELAY} on every accepted connection. TCP only; no effect on Unix sockets.
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
         * Sets the kernel's receive buffer of the server's socket, which accepted connections inherit: {@code SO_RCVBUF}.
         *
         * <p>Unit: bytes. Default: 0, the system's own. Bounds: 0 to 1,073,741,824; the kernel cuts it to its own maximum without a
         * word (Linux: {@code net.core.rmem_max}).
         *
         * @param receiveBufferSize bytes
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder receiveBufferSize(int receiveBufferSize) {
            this.receiveBufferSize = inRange("receiveBufferSize", receiveBufferSize, 0, 1 << 30, "bytes");
            return this;
        }

        /**
         * Sets the kernel's send buffer: {@code SO_SNDBUF}, on every accepted connection, or on the datagram socket.
         *
         * <p>Unit: bytes. Default: 0, the system's own. Bounds: 0 to 1,073,741,824; the kernel cuts it to its own maximum without a
         * word (Linux: {@code net.core.wmem_max}).
         *
         * @param sendBufferSize bytes
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder sendBufferSize(int sendBufferSize) {
            this.sendBufferSize = inRange("sendBufferSize", sendBufferSize, 0, 1 << 30, "bytes");
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
         * <p>Unit: bytes. Default: 65,535, which holds any UDP datagram. Bounds: 1 to 16,777,216. A longer datagram is dropped with
         * {@link RequestListener#datagramTruncated}, unless {@link #deliverTruncated} says otherwise.
         *
         * @param maxDatagramSize bytes
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder maxDatagramSize(int maxDatagramSize) {
            this.maxDatagramSize = inRange("maxDatagramSize", maxDatagramSize, 1, 16 << 20, "bytes");
            return this;
        }

        /**
         * Gives datagrams longer than {@link #maxDatagramSize} to handlers, cut to that size and marked {@link
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
         * Sets the permissions of the socket file, from the moment it can be connected to. Unix sockets with a path only.
         *
         * <p>Default: empty, what the umask of the process leaves. Connecting needs write permission on Linux.
         *
         * @param socketFileMode permissions, for example {@code PosixFilePermissions.fromString("rw-rw----")}
         * @return this builder
         */
        public Builder socketFileMode(Set<PosixFilePermission> socketFileMode) {
            this.socketFileMode = Set.copyOf(socketFileMode);
            return this;
        }

        /**
         * Sets how long {@link BaseServer#handleRequest()} waits for a request before it calls {@link
         * BaseServer#handleTimeout()}. CPython: {@code BaseServer.timeout}.
         *
         * <p>Unit: time, to the millisecond. Default: zero, no limit. Bound: not negative.
         *
         * @param acceptTimeout the time
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder acceptTimeout(Duration acceptTimeout) {
            this.acceptTimeout = Durations.notNegative("acceptTimeout", acceptTimeout);
            return this;
        }

        /**
         * Sets the longest time between two calls of {@link BaseServer#serviceActions()} while nothing comes. Has no influence on
         * how fast a server stops or accepts.
         *
         * <p>Unit: time, to the millisecond. Default: 500 ms. Bound: at least 1 ms.
         *
         * @param pollInterval the time
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder pollInterval(Duration pollInterval) {
            this.pollInterval = Durations.atLeastOneMilli("pollInterval", pollInterval);
            return this;
        }

        /**
         * Sets how long one read may wait for the peer; beyond it {@link ReadTimeoutException}. Streams only. A handler can change
         * it for its connection.
         *
         * <p>Unit: time, to the millisecond. Default: zero, no limit. Bound: not negative.
         *
         * @param readTimeout the time
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder readTimeout(Duration readTimeout) {
            this.readTimeout = Durations.notNegative("readTimeout", readTimeout);
            return this;
        }

        /**
         * Sets how long one write may make no progress because the peer, or a full queue, takes nothing; beyond it {@link
         * WriteTimeoutException}. A handler can change it for its connection.
         *
         * <p>Unit: time, to the millisecond. Default: 30 s. Zero: no limit. Bound: not negative.
         *
         * @param writeTimeout the time
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder writeTimeout(Duration writeTimeout) {
            this.writeTimeout = Durations.notNegative("writeTimeout", writeTimeout);
            return this;
        }

        /**
         * Sets how long {@link BaseServer#close()} lets busy requests go on before it cuts them.
         *
         * <p>Unit: time, to the millisecond. Default: 5 s. Zero: cut at once. Bound: not negative.
         *
         * @param grace the time
         * @return this builder
         * @throws IllegalArgumentException if out of bounds
         */
        public Builder grace(Duration grace) {
            this.grace = Durations.notNegative("grace", grace);
            return this;
        }

        /**
         * Makes the value.
         *
         * @return the options collected so far
         */
        public ServerOptions build() {
            return new ServerOptions(this);
        }

        private static int inRange(String name, int value, int least, int most, String unit) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(
                        name + " is " + value + " " + unit + "; it must be from " + least + " to " + most + " " + unit);
            }
            return value;
        }
    }
}
