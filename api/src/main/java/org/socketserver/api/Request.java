package org.socketserver.api;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketAddress;

/**
 * A connection ({@link StreamRequest}) or a packet ({@link DatagramRequest}) to be handled.
 *
 * <p>{@link #input()} and {@link #output()} work on both kinds, so a handler that needs nothing else runs on every
 * transport.
 *
 * <p><b>Ownership.</b> A request owns its bytes; nothing is shared with other requests. The server closes it after the
 * handler has ended. The counters and limits have changed by then: see {@link ServerStats}.
 *
 * <p><b>Threads.</b> One thread may read while another writes. Otherwise a request must be used by one thread at a
 * time. {@link #close()} may be called by any thread.
 */
public interface Request {
    /**
     * Returns the address of the client.
     *
     * @return the peer's address; on Unix sockets often an unnamed address
     */
    SocketAddress clientAddress();

    /**
     * Returns the server's address at which the request arrived.
     *
     * @return the local address
     */
    SocketAddress serverAddress();

    /**
     * Returns the server that this request belongs to.
     *
     * @return the server that accepted or received this request
     */
    Server server();

    /**
     * Returns the input from the peer. The stream is not buffered. Every call returns the same stream.
     *
     * @return the bytes of the connection up to the peer's end of output, or of the packet
     */
    InputStream input();

    /**
     * Returns the output to the peer. Every call returns the same stream.
     *
     * <p>On a connection, each write is complete when it returns. For a packet, the written bytes are collected and
     * sent as one packet after the handler has ended without an exception. If nothing was written, nothing is sent.
     *
     * @return the stream to the peer
     */
    OutputStream output();

    /**
     * Returns how many bytes were read from the peer so far.
     *
     * @return the number of bytes
     */
    long bytesIn();

    /**
     * Returns how many bytes were sent to the peer so far.
     *
     * @return the number of bytes
     */
    long bytesOut();

    /**
     * Returns whether the handler is waiting for the peer, in a read or a write. May be called by any thread.
     *
     * @return true while it waits; false while the handler computes, sleeps, or waits for something else
     */
    boolean isWaiting();

    /**
     * Closes the request at once. Never throws. Further calls have no effect.
     *
     * <p>A thread that waits in a read or a write gets a {@link DisconnectedException}. If the output was ended before
     * and no thread waits, the connection is closed cleanly: what the peer is still sending is read and dropped for up
     * to 2 s.
     */
    void close();
}
