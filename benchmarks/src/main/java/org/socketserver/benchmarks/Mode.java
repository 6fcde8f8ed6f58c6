package org.socketserver.benchmarks;

/** What is done to a server, and the figure that comes of it. */
enum Mode {
    /** Each connection sends the next request when the answer has come. */
    CLOSED("requests/s", true),
    /** Requests come at a rate, whatever the answers do. */
    OPEN("requests/s", true),
    /** A new connection for each request. */
    CONNECT("requests/s", true),
    /** Connections that say nothing. */
    IDLE("KB/connection", false),
    /** From the start of the process to its first answer. */
    START("ms", false),
    /** From SIGTERM to the end of the process, with connections open. */
    STOP("ms", false);

    final String unit;
    final boolean moreIsBetter;

    Mode(String unit, boolean moreIsBetter) {
        this.unit = unit;
        this.moreIsBetter = moreIsBetter;
    }

    boolean hasLatencies() {
        return this == CLOSED || this == OPEN || this == CONNECT;
    }
}
