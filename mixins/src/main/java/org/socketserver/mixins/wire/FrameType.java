package org.socketserver.mixins.wire;

import java.net.ProtocolException;

/**
 * The messages between a parent and a worker. On the wire a message is its type (1 byte, the ordinal), the length of
 * what follows (4 bytes, most significant first), and that many bytes.
 */
public enum FrameType {
    // Orders of the parent, through the standard input of the worker.

    /** Where to connect to, and the secret to show there: {@link Order}. */
    START,
    /** A stop waits for a request: its number. */
    DRAIN,
    /** Asks for the stacks of all threads, because of a request: its number. */
    DUMP,
    /** The peer of a relayed connection has gone: the number of the request, and a text. */
    LOST,
    /** The server has begun to stop, and has told no request to end yet: the number of the request that shall know. */
    STOPPING,

    /** The worker is not needed any more: an end without it means that the parent was killed. */
    END,

    // From the worker, over the control channel.

    /** The first message: {@link Hello}. */
    HELLO,
    /** The handlers can be made, requests may come. */
    READY,
    /** The handlers can't be made: a text. */
    REFUSED,
    /** How the request fares: {@link Beat}. */
    BEAT,
    /** The handler has ended: {@link Done}. */
    DONE,
    /** The answer to {@link #PING}. */
    PONG,
    /** The handler asks the server to stop. */
    SHUTDOWN,
    // All that follow begin with the number of the request.

    /** What was asked for by {@link #DUMP}: a text. */
    STACKS,
    /** A packet to be sent to the sender of the request: its bytes. */
    REPLY,
    /** The handler reads from a relayed connection: how many bytes at most. */
    READ,
    /** The handler reads no more from a relayed connection; a read that waits ends. */
    READ_OFF,
    /** The handler writes to a relayed connection: the bytes. */
    WRITE,
    /** The handler ends the output of a relayed connection. */
    END_OUTPUT,
    /** The handler closes a relayed connection. */
    CLOSE,
    /** The handler sets {@code TCP_NODELAY} of a relayed connection: a boolean. */
    NO_DELAY,

    // From the parent, over the control channel.

    /** What the worker is to serve: {@link Setup}. */
    SETUP,
    /** Asks whether the worker is alive. */
    PING,
    /** Who the server is, now that it is bound: {@link Identity}. */
    SERVER,
    /** What a hook has set for the connection that comes next: {@link OwnDeadlines}. */
    DEADLINES,
    /** A request: {@link Assignment}. */
    REQUEST,
    /** The place of the request was given back, so its peer may know that it is done. */
    RELEASE,
    /** What became of a {@link #REPLY}: {@link Reply}. */
    REPLIED,
    /** Bytes that were read for a {@link #READ}; none at the end of input. */
    DATA,
    /** Why a {@link #READ} failed: a text. */
    READ_FAILED;

    private static final FrameType[] TYPES = values();

    static FrameType of(int code) throws ProtocolException {
        if (code < 0 || code >= TYPES.length) {
            throw new ProtocolException("message type " + code + "; there are types 0 to " + (TYPES.length - 1));
        }
        return TYPES[code];
    }
}
