package org.socketserver.api;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;

/**
 * One piece of work for a handler: a connection ({@link StreamRequest}) or a packet ({@link DatagramRequest}).
 *
 * <p>{@link #input()} and {@link #output()} mean the same on both kinds, so a handler that needs nothing else runs on
 * every transport.
 *
 * <p><b>Ownership.</b> A request owns its bytes; nothing is shared with other requests. The server closes it after the
 * handler has ended.
 *
 * <p><b>Threads.</b> One thread may read while another writes; beyond that a request is used by one thread at a time.
 * {@link #close()} may be called by any thread.
 */
public interface Request {
    /**
     * Returns the address of the client.
     *
     * @return the peer's address; on Unix sockets often an unnamed one
     */
    SocketAddress clientAddress();

    /**
     * Returns the server's address at which the request arrived.
     *
     * @return the local address
     */
    SocketAddress serverAddress();

    /**
     * Returns the server, as a handler may use it.
     *
     * @return the server that accepted or received this request
     */
    Server server();

    /**
     * Returns the input from the peer. The stream is not buffered; every call returns the same one.
     *
     * @return the bytes of the connection up to the peer's end of output, or of the packet
     */
    InputStream input();

    /**
     * Returns the output to the peer; every call returns the same stream.
     *
     * <p>On a connection each write is complete when it returns. On a packet what is written is collected, and sent as
     * one packet after the handler has ended without an exception; nothing is sent when nothing was written.
     *
     * @return the stream to the peer
     */
    OutputStream output();

    /**
     * Counts what was read from the peer.
     *
     * @return bytes so far
     */
    long bytesIn();

    /**
     * Counts what was sent to the peer.
     *
     * @return bytes so far
     */
    long bytesOut();

    /**
     * Returns whether the handler is waiting for the peer, in a read or a write. May be called by any thread.
     *
     * @return true while it waits; a handler that computes, sleeps, or waits for something else does not
     */
    boolean isWaiting();

    /**
     * Ends the request at once. Never throws; has no effect the second time.
     *
     * <p>A thread that waits on it wakes with a {@link DisconnectedException}. A connection whose output was ended
     * before, and on which no thread waits, is released cleanly: what the peer is still sending is read and dropped for
     * up to 2 s.
     */
    void close();
}
