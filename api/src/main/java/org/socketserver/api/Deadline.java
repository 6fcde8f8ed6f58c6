package org.socketserver.api;

import java.util.Locale;

/**
 * The times that a request may take, each with its own exception. Set for a server with {@link
 * ServerOptions.Builder#deadline}, and all but the last two for one connection with {@link
 * StreamRequest#deadline(Deadline, Duration)}.
 *
 * <p>Unit: time, to the millisecond. Bound: at least 1 ms, or zero, which is no limit. A deadline fires not before its
 * time, and at most a quarter of it (at least 2 ms, at most 500 ms) after. Having one costs nothing per read or write:
 * one thread looks after all requests of the JVM. All hold on every transport and every kind of thread; the first two,
 * and {@link #READ} and {@link #AGE}, are about connections only, as a packet is there when its request begins.
 */
public enum Deadline {
    /**
     * A read may wait that long for the first byte of a connection, counted from when it was accepted. Default: no
     * limit.
     *
     * <p>The read throws {@link DeadlineException}; the input is over then, the output still works.
     */
    FIRST_BYTE,
    /**
     * A connection may be quiet that long, with no byte either way, while its handler waits for input. Counted from the
     * last byte on, or from when the handler began to wait, whichever was later, once the first byte came. Default: no
     * limit.
     *
     * <p>The read throws {@link DeadlineException}; the input is over then, the output still works.
     */
    IDLE,
    /**
     * One read may wait that long. Default: no limit. CPython: {@code StreamRequestHandler.timeout}.
     *
     * <p>The read throws {@link DeadlineException}; the input is over then, the output still works.
     */
    READ,
    /**
     * One write may make no progress for that long because the peer, or a full queue, takes nothing. Default: 30 s.
     *
     * <p>Progress is what the kernel tells: it takes more when a part of its buffer, often a third, has become free,
     * and a blocking write of the JDK returns when all of its up to 128 KiB are taken. So the slowest peer that shall
     * be served has to read about as much within the time.
     *
     * <p>The write throws {@link DeadlineException}; a connection is closed then.
     */
    WRITE,
    /**
     * The whole request may take that long, from when it was accepted or received. Default: no limit.
     *
     * <p>The request is closed and its handler interrupted; its reads and writes throw {@link DeadlineException}, which
     * is also what is reported, whatever the handler makes of the interrupt.
     */
    REQUEST,
    /**
     * A connection may become that old, give or take {@link ServerOptions.Builder#ageJitter}, so that the load of a
     * server that others connect to for good is spread anew from time to time. Default: no limit.
     *
     * <p>Then it ends as soon as it is idle, that is when its handler waits for input and has read nothing since it
     * last wrote: the read throws {@link DeadlineException}; the input is over, the output still works. What was asked
     * before is so still answered. One that does not become idle within {@link ServerOptions#grace()} more is closed,
     * and its handler interrupted.
     */
    AGE;

    /** Returns the name in lower case words, such as {@code first byte}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
