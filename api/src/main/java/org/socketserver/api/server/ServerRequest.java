package org.socketserver.api.server;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.Request;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.spi.RemoteHandling;

/**
 * A request as its server sees it: what handlers must not call. A transport makes one of each connection ({@link
 * ConnectionRequest}) or packet ({@link PacketRequest}).
 *
 * <p>All methods may be called by any thread, and none but {@link #complete} waits.
 */
public abstract sealed class ServerRequest implements Request permits ConnectionRequest, PacketRequest {
    private @Nullable Exchange<?> exchange;

    ServerRequest() {}

    /** Sets what follows this request through its server; before any other thread sees the request. */
    final void exchange(Exchange<?> newExchange) {
        exchange = newExchange;
    }

    /** Returns what follows this request through its server; null before the server has begun it. */
    final @Nullable Exchange<?> exchange() {
        return exchange;
    }

    /** Returns the timer of this request, of its own or new; null if the options have no limit for it. */
    abstract @Nullable RequestTimer timer(ServerOptions options);

    /** Returns how many bytes {@link #complete} is going to send. */
    abstract int unsent();

    /**
     * Sends what is still unsent, when the handler has returned normally.
     *
     * @throws IOException if it can't be sent
     */
    abstract void complete() throws IOException;

    /** Ends the output, so that the peer reads the end after what was written. */
    abstract void endOutput() throws IOException;

    /**
     * Ends the input as soon as the request is idle: its handler waits for input and has read nothing since it last
     * wrote. Called repeatedly, by a stop or when the connection has reached its age.
     *
     * @param why the deadline that has passed; null for a stop
     */
    abstract void drain(@Nullable Deadline why);

    /** Ends a read that began then, unless it has its bytes; wakes it again if it was ended before. */
    abstract void endRead(long since, @Nullable Deadline why);

    /** Closes the request because of a write that began then, unless it has written its bytes. */
    abstract void endWrite(long since);

    /**
     * Rejects the peer without waiting, before any handler has seen the request, which is shut down and closed
     * afterwards. What the peer has sent already is dropped.
     *
     * @param answer what to tell the peer, offered once and in one piece; empty for nothing; not changed
     */
    abstract void reject(byte[] answer);

    /** Closes the request; reads and writes that wait or come later throw the reason. Never throws. */
    abstract void expire(DeadlineException reason);

    /** Returns the deadline that a read or a write has thrown; null if none has. */
    abstract @Nullable DeadlineException timedOut();

    /** Handles the request elsewhere from now on. */
    abstract void delegateTo(RemoteHandling handling);

    /** Returns the channel of a connection; empty for packets, and for connections that have none. */
    abstract Optional<SocketChannel> channel();

    /** Releases a connection that another process has now, without a word to the peer. Does nothing for packets. */
    abstract void detach() throws IOException;
}
