package org.socketserver.mixins.forking.wire;

import java.net.ProtocolException;

/**
 * The messages between a parent and a worker. On the wire a message is its type (1 byte, the ordinal), the length of
 * what follows (4 bytes, most significant first), and that many bytes.
 */
public enum FrameType {
    // Commands of the parent, through the standard input of the worker.

    /** Everything that the worker needs to connect and to serve: {@link Messages.Start}. */
    START,
    /** A stop waits for a request: its number. */
    DRAIN,
    /** Asks for the stacks of all threads, because of a request: its number. */
    DUMP,
    /** The client of a relayed connection has disconnected: the number of the request, and a text. */
    LOST,
    /** The server begins to stop, and has not drained the request yet: its number. */
    STOPPING,

    /** The worker is no longer needed. Without this, an end of input means that the parent was killed. */
    END,

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
    /** The handler asks the server to stop. */
    SHUTDOWN,
    // All the following begin with the number of the request.

    /** The answer to {@link #DUMP}: a text. */
    STACKS,
    /** A packet to be sent to the sender of the request: its bytes. */
    REPLY,
    /** The handler reads from a relayed connection: the largest number of bytes. */
    READ,
    /** The handler ends the input of a relayed connection; a read that waits ends. */
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

    /** Name and address of the server, now that it is bound: {@link Messages.Identity}. */
    SERVER,
    /** A request: {@link Messages.Assignment}. */
    REQUEST,
    /** The slot of the request was returned, so its client may see the end. */
    RELEASE,
    /** The result of a {@link #REPLY}: the number of the request, and why the packet was not sent, if so. */
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
