package org.socketserver.api.server;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.Request;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.spi.Layer;
import org.socketserver.api.spi.RemoteHandling;

/**
 * A request with the operations that only its server may call. A transport creates one for each connection ({@link
 * ConnectionRequest}) or packet ({@link PacketRequest}).
 *
 * <p>All methods may be called by any thread. Only {@link #complete} waits.
 */
public abstract sealed class ServerRequest implements Request permits ConnectionRequest, PacketRequest {
    private @Nullable Exchange<?> exchange;
    private volatile @Nullable RemoteHandling remote;

    ServerRequest() {}

    /** Sets the exchange, before any other thread sees the request. */
    final void exchange(Exchange<?> newExchange) {
        exchange = newExchange;
    }

    /** Returns the exchange of this request; null before the server has begun the request. */
    final @Nullable Exchange<?> exchange() {
        return exchange;
    }

    /** Delegates the request to a remote handling from now on. */
    final void delegateTo(RemoteHandling handling) {
        remote = handling;
    }

    /** Returns the remote handling, also after it has ended; null if the request was not delegated. */
    final @Nullable RemoteHandling remote() {
        return remote;
    }

    /** Returns the timer of this request, an existing or new one; null if no limit is set. */
    abstract @Nullable RequestTimer timer(ServerOptions options);

    /** Returns how many bytes {@link #complete} will send. Always 0 for connections, whose writes are complete. */
    int unsent() {
        return 0;
    }

    /**
     * Sends the collected reply to a packet. Called when the handler has returned normally.
     *
     * @throws IOException if the reply can't be sent
     */
    void complete() throws IOException {}

    /** Ends the output of a connection, so that the peer reads the end after what was written. */
    void endOutput() throws IOException {}

    /**
     * Ends the input of a connection as soon as the request is idle: its handler waits for input and has read nothing
     * since it last wrote. Called repeatedly by a stop, or when the connection has reached its maximum age. A packet is
     * never idle.
     *
     * @param why the deadline that has passed; null for a stop
     */
    void drain(@Nullable Deadline why) {}

    /** Ends the read that began at the given time, unless it has its bytes. Wakes it again if it was ended before. */
    void endRead(long since, @Nullable Deadline why) {}

    /** Closes the request if the write that began at the given time is still waiting. */
    void endWrite(long since) {}

    /**
     * Rejects the request without waiting. Called instead of a handler; the request is shut down and closed afterwards.
     * What the peer has already sent is dropped.
     *
     * @param answer the answer, offered once and in one piece; empty for none; not modified
     */
    abstract void reject(byte[] answer);

    /** Closes the request. Current and later reads and writes throw the reason. Never throws. */
    abstract void expire(DeadlineException reason);

    /** Returns the deadline that a read or a write has thrown; null if none has. */
    @Nullable
    DeadlineException timedOut() {
        return null;
    }

    /** Returns the channel of a connection; empty for packets, and for connections that have none. */
    Optional<SocketChannel> channel() {
        return Optional.empty();
    }

    /** Begins a handshake, which {@link Deadline#HANDSHAKE} bounds. */
    void beginHandshake() {}

    /**
     * Puts a layer over the connection.
     *
     * @throws IOException if the layer fails, or the request was closed
     */
    void put(Layer layer) throws IOException {
        throw new UnsupportedOperationException("a packet has no layers");
    }

    /** Returns how many layers are over the connection. */
    int layers() {
        return 0;
    }

    /** Ends the handshake. The deadlines of reads count from now on. */
    void endHandshake() {}

    /** Counts what this request holds. Called when it begins. */
    void count() {}

    /** Stops counting what this request holds. Called when it has been closed. */
    abstract void forget();

    /** Releases a connection without ending it, because another process has it. Does nothing for packets. */
    void detach() throws IOException {}
}
