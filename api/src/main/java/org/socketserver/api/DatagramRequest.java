package org.socketserver.api;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A packet: its exact bytes, its sender, and methods to answer it.
 *
 * <p>Write to {@link #output()} to send one reply when the handler ends, or call {@link #reply(ByteBuffer)} to send a
 * packet immediately. Replies are sent from the server's own socket.
 */
public interface DatagramRequest extends Request {
    /**
     * Returns the bytes of the packet.
     *
     * @return an array of the packet's exact length that belongs to this request; not a copy
     */
    byte[] data();

    /**
     * Returns whether the packet was longer than the receive buffer, so that its end is lost.
     *
     * <p>Always false without {@link ServerOptions#deliverTruncated(boolean)}.
     *
     * @return true if bytes are missing at the end
     */
    boolean isTruncated();

    /**
     * Returns the maximum length of a reply.
     *
     * @return the maximum in bytes; 65,507 over UDP and IPv4
     */
    int maxReplySize();

    /**
     * Sends one packet to the sender immediately. May be called any number of times.
     *
     * @param bytes the bytes to send, from position to limit; consumed
     * @throws DatagramTooLongException if there are more than {@link #maxReplySize()} bytes; nothing is sent
     * @throws DisconnectedException if the sender has no address, is gone, or can't be reached, where the transport
     *     detects this
     * @throws DeadlineException if the packet can't be handed to the kernel within the write time-out
     * @throws IOException if it can't be sent for another reason
     */
    void reply(ByteBuffer bytes) throws IOException;

    /**
     * Sends one packet to the sender immediately.
     *
     * @param bytes the bytes to send
     * @throws IOException as for {@link #reply(ByteBuffer)}
     */
    default void reply(byte[] bytes) throws IOException {
        reply(ByteBuffer.wrap(bytes));
    }
}
