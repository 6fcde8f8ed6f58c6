package org.socketserver.benchmarks;

import java.util.List;

/**
 * A scenario: what is measured, and for which contenders.
 *
 * @param name short name, for the command line
 * @param about description for people
 * @param transport the transport
 * @param mode the kind of load
 * @param connections number of concurrent connections
 * @param bytes size of a request and of its answer
 * @param depth outstanding requests per connection
 * @param share rate of an open loop, in percent of the best contender's capacity in a closed loop; otherwise 0
 * @param pinned whether server and generator run on one core each; otherwise both run on all cores
 * @param contenders names of the contenders; the others are compared with the first
 */
record Scenario(
        String name,
        String about,
        Transport transport,
        Mode mode,
        int connections,
        int bytes,
        int depth,
        int share,
        boolean pinned,
        List<String> contenders) {

    /** Upper bound of a process's descriptors that are not connections. */
    private static final int OTHER_DESCRIPTORS = 200;

    /**
     * HotSpot's first compiler queues a method after 200 calls (Tier3InvocationThreshold) and runs in the background.
     */
    private static final int ENOUGH_TO_COMPILE = 500;

    static Scenario of(
            String name, String about, Transport transport, Mode mode, int connections, int bytes, List<String> who) {
        return new Scenario(name, about, transport, mode, connections, bytes, 1, 0, true, who);
    }

    /** Returns this scenario with several outstanding requests per connection. */
    Scenario pipelined(int newDepth) {
        return new Scenario(name, about, transport, mode, connections, bytes, newDepth, share, pinned, contenders);
    }

    /** Returns this scenario at a share of the best contender's capacity. */
    Scenario at(int newShare) {
        return new Scenario(name, about, transport, mode, connections, bytes, depth, newShare, pinned, contenders);
    }

    /** Returns this scenario on all cores. */
    Scenario unpinned() {
        return new Scenario(name, about, transport, mode, connections, bytes, depth, share, false, contenders);
    }

    /** Returns this scenario with other contenders. */
    Scenario with(List<String> some) {
        return new Scenario(name, about, transport, mode, connections, bytes, depth, share, pinned, some);
    }

    /** Returns this scenario with fewer connections if a process may not open enough files; the description says so. */
    Scenario within(long openFiles) {
        if (connections + OTHER_DESCRIPTORS <= openFiles) {
            return this;
        }
        int fewer = (int) Math.max(1, openFiles - OTHER_DESCRIPTORS);
        String why = about + " (only " + fewer + ", because a process can open at most " + openFiles + " files)";
        return new Scenario(name, why, transport, mode, fewer, bytes, depth, share, pinned, contenders);
    }

    /**
     * Returns the handler: {@code echo}, or {@code line}, which answers one line and closes the connection. Idle
     * connections over TLS have had one answer, so that they have used their buffers.
     */
    String handler() {
        boolean line = mode == Mode.CONNECT || mode == Mode.RESUME || (mode == Mode.IDLE && !isEncrypted());
        return line ? "line" : "echo";
    }

    boolean isEncrypted() {
        return transport == Transport.TLS;
    }

    /** Returns the size of the handler's read buffer, in bytes. */
    int buffer() {
        return mode == Mode.IDLE ? 64 : Math.max(8192, bytes);
    }

    /**
     * Returns how many other connections are opened, used and closed before the measured ones; 0 for none. If a JVM
     * still interprets code when a connection begins, interpreted frames stay on the stack of that connection's thread
     * until the connection ends, and a virtual thread with such frames takes longer to unmount. In a server that has
     * run for a while, there are none. Scenarios with one connection have none of these, because they include servers
     * that handle one connection at a time.
     */
    int otherConnections() {
        boolean lasting = mode == Mode.CLOSED || mode == Mode.OPEN || (mode == Mode.IDLE && isEncrypted());
        boolean streams = transport == Transport.TCP || transport == Transport.UNIX || isEncrypted();
        return pinned && lasting && streams && connections > 1 ? ENOUGH_TO_COMPILE : 0;
    }

    /**
     * Returns the length of the warm-up, in seconds. Worker processes need more time than threads, and a JVM with one
     * core compiles its TLS for seconds.
     */
    double warmup(double seconds) {
        double least = !pinned ? 25 : isEncrypted() ? 4 : 0.5;
        return Math.max(least, pinned ? Math.round(seconds * 6) / 10.0 : seconds);
    }
}
