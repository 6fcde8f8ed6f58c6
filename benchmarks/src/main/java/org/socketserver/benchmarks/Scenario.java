package org.socketserver.benchmarks;

import java.util.List;

/**
 * Something to measure, and who takes part.
 *
 * @param name short name, for the command line
 * @param about what it is, in words
 * @param transport what bytes travel over
 * @param mode what is done
 * @param connections how many at once
 * @param bytes of a request, and of its answer
 * @param depth requests of a connection under way at once
 * @param share rate of an open loop, in per cent of the best contender's capacity in a closed one; 0 for others
 * @param pinned whether server and generator have a core each; otherwise both have all
 * @param contenders names of those who take part; the first is what the others are compared with
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

    /** Descriptors that a process has besides its connections. */
    private static final int OTHER_DESCRIPTORS = 200;

    /** HotSpot's first compiler takes what was called 200 times (Tier3InvocationThreshold); it works in the background. */
    private static final int ENOUGH_TO_COMPILE = 500;

    static Scenario of(
            String name, String about, Transport transport, Mode mode, int connections, int bytes, List<String> who) {
        return new Scenario(name, about, transport, mode, connections, bytes, 1, 0, true, who);
    }

    /** The same with many requests of a connection under way. */
    Scenario pipelined(int newDepth) {
        return new Scenario(name, about, transport, mode, connections, bytes, newDepth, share, pinned, contenders);
    }

    /** The same at a share of the best contender's capacity. */
    Scenario at(int newShare) {
        return new Scenario(name, about, transport, mode, connections, bytes, depth, newShare, pinned, contenders);
    }

    /** The same on all cores. */
    Scenario unpinned() {
        return new Scenario(name, about, transport, mode, connections, bytes, depth, share, false, contenders);
    }

    /** The same with some of those who take part. */
    Scenario with(List<String> some) {
        return new Scenario(name, about, transport, mode, connections, bytes, depth, share, pinned, some);
    }

    /** The same with fewer connections where a process may not open so many files; says so. */
    Scenario within(long openFiles) {
        if (connections + OTHER_DESCRIPTORS <= openFiles) {
            return this;
        }
        int fewer = (int) Math.max(1, openFiles - OTHER_DESCRIPTORS);
        String why = about + " (only " + fewer + ", as a process may open no more than " + openFiles + " files here)";
        return new Scenario(name, why, transport, mode, fewer, bytes, depth, share, pinned, contenders);
    }

    /** Tells what the server's handler does: {@code echo}, or {@code line} for one line and the end of the connection. */
    String handler() {
        return mode == Mode.CONNECT || mode == Mode.IDLE ? "line" : "echo";
    }

    /** Tells how much a server's handler reads at once, in bytes. */
    int buffer() {
        return mode == Mode.IDLE ? 64 : Math.max(8192, bytes);
    }

    /**
     * Tells how many other connections are opened, used and closed before those that count, 0 for none. Code that a JVM still
     * interprets when a connection begins stays on the stack of that connection's thread until the connection ends, and a virtual
     * thread with such a stack takes longer to put aside. A server that has run for a while has none of it. One connection
     * alone is also asked for from servers that have no more at a time.
     */
    int otherConnections() {
        boolean lasting = mode == Mode.CLOSED || mode == Mode.OPEN;
        boolean streams = transport == Transport.TCP || transport == Transport.UNIX;
        return pinned && lasting && streams && connections > 1 ? ENOUGH_TO_COMPILE : 0;
    }

    /** Tells how long the generator warms the server up before it counts, in seconds: processes take longer than threads. */
    double warmup(double seconds) {
        return pinned ? Math.max(0.5, Math.round(seconds * 6) / 10.0) : Math.max(25, seconds);
    }
}
