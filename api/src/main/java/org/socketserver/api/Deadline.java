package org.socketserver.api;

import java.util.Locale;

/**
 * The time limits of a request. They are set for a server with {@link ServerOptions#deadline}. All but the last
 * two can also be set for one connection with {@link StreamRequest#deadline(Deadline, Duration)}.
 *
 * <p>Unit: time, to the millisecond. Bound: at least 1 ms, or zero, which means no limit. A deadline never fires early.
 * It fires late by at most a quarter of its time (at least 2 ms, at most 500 ms). Reads and writes set no timers: one
 * thread checks all requests of the JVM. Deadlines apply on every transport and every kind of thread. {@link
 * #HANDSHAKE}, {@link #FIRST_BYTE}, {@link #IDLE}, {@link #READ} and {@link #AGE} apply to connections only, because a
 * packet is complete when its request begins.
 */
public enum Deadline {
    /**
     * How long the layers of a connection, such as TLS, may take together before the handler begins. Also bounds a
     * layer that the handler adds, as with STARTTLS. Default: 10 s.
     *
     * <p>The connection is closed, and the request is reported as timed out. In a handler, the method that adds the
     * layer throws {@link DeadlineException}.
     */
    HANDSHAKE,
    /**
     * How long a read may wait for the first byte of a connection, counted from when the connection was accepted, or
     * from the end of its handshake. Default: no limit.
     *
     * <p>The read throws {@link DeadlineException}. The input is closed then, but the output still works.
     */
    FIRST_BYTE,
    /**
     * How long a connection may be silent in both directions while its handler waits for input. Counted, after the
     * first byte has arrived, from the last byte or from when the handler began to wait, whichever is later. Default:
     * no limit.
     *
     * <p>The read throws {@link DeadlineException}. The input is closed then, but the output still works.
     */
    IDLE,
    /**
     * How long one read may wait. Default: no limit. CPython: {@code StreamRequestHandler.timeout}.
     *
     * <p>The read throws {@link DeadlineException}. The input is closed then, but the output still works.
     */
    READ,
    /**
     * How long one write may make no progress because the peer does not read or a queue is full. Default: 30 s.
     *
     * <p>Only the kernel knows about progress. It accepts more bytes when part of its buffer, often a third, has become
     * free, and a blocking write of the JDK returns when the kernel has accepted all of its up to 128 KiB. So even the
     * slowest client must read about that much within the time.
     *
     * <p>The write throws {@link DeadlineException}. A connection is closed then.
     */
    WRITE,
    /**
     * How long the whole request may take, counted from when it was accepted or received. Default: no limit.
     *
     * <p>The request is closed and its handler is interrupted. Its reads and writes throw {@link DeadlineException},
     * which is also what is reported, whatever the handler does about the interrupt.
     */
    REQUEST,
    /**
     * How old a connection may become, plus or minus {@link ServerOptions#ageJitter}. Clients of long-lived
     * connections then reconnect from time to time, which rebalances the load behind a load balancer. Default: no
     * limit.
     *
     * <p>An old connection ends as soon as it is idle, that is when its handler waits for input and has read nothing
     * since it last wrote. The read throws {@link DeadlineException}; the input is closed then, but the output still
     * works. A request that has arrived before is therefore still answered. If the connection does not become idle
     * within another {@link ServerOptions#grace()}, it is closed and its handler is interrupted.
     */
    AGE;

    /** Returns the name in lower-case words, such as {@code first byte}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
