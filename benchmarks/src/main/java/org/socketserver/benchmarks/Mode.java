package org.socketserver.benchmarks;

/** The kind of load on a server, and the figure that is measured. */
enum Mode {
    /** Each connection sends its next request when the answer has arrived. */
    CLOSED("requests/s", true),
    /** Requests are sent at a fixed rate, whether or not answers arrive. */
    OPEN("requests/s", true),
    /** A new connection for each request. */
    CONNECT("requests/s", true),
    /** A new TLS connection for each request, which resumes the session of an earlier connection. */
    RESUME("requests/s", true),
    /** Idle connections. */
    IDLE("KB/connection", false),
    /** Time from the start of the process to its first answer. */
    START("ms", false),
    /** Time from SIGTERM to the end of the process, with connections open. */
    STOP("ms", false);

    final String unit;
    final boolean moreIsBetter;

    Mode(String unit, boolean moreIsBetter) {
        this.unit = unit;
        this.moreIsBetter = moreIsBetter;
    }

    boolean hasLatencies() {
        return this != IDLE && this != START && this != STOP;
    }
}
