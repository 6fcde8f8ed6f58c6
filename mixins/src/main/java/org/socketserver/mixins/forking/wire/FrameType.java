package org.socketserver.mixins.forking.wire;

import java.net.ProtocolException;

/**
 * The messages between a parent and a worker. On the wire a message is its type (1 byte, the ordinal), the number of
 * the request that it is about (8 bytes, most significant first, as all numbers; 0 for none), the length of what
 * follows (4 bytes), and that many bytes. Each worker counts its requests from 1, so that number is not the {@link
 * org.socketserver.api.LiveRequest#id}.
 */
public enum FrameType {
    // From the parent, through the standard input of the worker, where a dedicated thread receives them.

    /** Everything that the worker needs to connect and to serve: {@link Messages.Start}. */
    START,
    /** The server stops, and waits for the request. */
    DRAIN,
    /** Asks for the stacks of all threads, because of the request. */
    DUMP,
    /** The answer to a {@link #READ}: the bytes; none at the end of input. */
    DATA,
    /** The answer to a {@link #READ} that failed: why, as text. */
    READ_FAILED,
    /** The client of a relayed connection has disconnected: a text. */
    LOST,
    /** The answer to a {@link #REPLY}: the failure, or none if the packet was sent. */
    REPLIED,

    /** The worker is no longer needed. Without this, an end of input means that the parent was killed. */
    END,

    // From the parent, over the control channel, where the thread of the handlers receives them.

    /** A request: {@link Messages.Assignment}. */
    REQUEST,
    /** The slot of the request was returned, so its client may see the end. */
    RELEASE,

    // From the worker, over the control channel.

    /** The first message on each of the two connections: {@link Messages.Hello}. */
    HELLO,
    /** Handlers can be created, and requests may be sent. */
    READY,
    /** Handlers can't be created: a text. */
    REFUSED,
    /** The worker is alive, and the progress of its request if there is one: {@link Messages.Heartbeat}. */
    HEARTBEAT,
    /** The handler has ended: {@link Messages.Done}. */
    DONE,
    /** A handler, or a thread that it has left behind, asks the server to stop. */
    SHUTDOWN,
    /** The answer to {@link #DUMP}: a text. */
    STACKS,
    /** A packet to be sent to the sender of the request: its bytes. */
    REPLY,
    /** The handler reads from a relayed connection: the largest number of bytes. */
    READ,
    /** The handler writes to a relayed connection: the bytes. */
    WRITE,
    /** The handler ends the output of a relayed connection. */
    END_OUTPUT,
    /** The handler closes a relayed connection. */
    CLOSE,
    /** The handler sets {@code TCP_NODELAY} of a relayed connection: a boolean. */
    NO_DELAY;

    private static final FrameType[] TYPES = values();

    static FrameType of(int code) throws ProtocolException {
        if (code < 0 || code >= TYPES.length) {
            throw new ProtocolException("message type " + code + "; there are types 0 to " + (TYPES.length - 1));
        }
        return TYPES[code];
    }
}
