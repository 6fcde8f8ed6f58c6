package org.socketserver.api;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A packet: its exact bytes, its sender, and the way to answer.
 *
 * <p>Write to {@link #output()} for the one reply that most protocols want, or call {@link #reply(ByteBuffer)} for each
 * packet that should leave now. Replies leave from the server's own socket.
 */
public interface DatagramRequest extends Request {
    /**
     * Returns the bytes of the packet.
     *
     * @return an array of the packet's exact length that belongs to this request; not a copy
     */
    byte[] data();

    /**
     * Returns whether the packet was longer than the receive buffer and the rest is lost.
     *
     * <p>Seen by handlers only with {@link ServerOptions.Builder#deliverTruncated(boolean)}.
     *
     * @return true if bytes are missing at the end
     */
    boolean isTruncated();

    /**
     * Returns the maximum length of a reply.
     *
     * @return bytes; 65,507 over UDP and IPv4
     */
    int maxReplySize();

    /**
     * Sends one packet to the sender, now. May be called any number of times.
     *
     * @param bytes what to send, from position to limit; consumed
     * @throws DatagramTooLongException if there are more than {@link #maxReplySize()} bytes; nothing is sent
     * @throws DisconnectedException if the sender has no address, has gone, or can't be reached at its address, where
     *     the transport can tell
     * @throws DeadlineException if the packet can't be handed to the kernel within the write time-out
     * @throws IOException if it can't be sent for another reason
     */
    void reply(ByteBuffer bytes) throws IOException;

    /**
     * Sends one packet to the sender, now.
     *
     * @param bytes what to send
     * @throws IOException as {@link #reply(ByteBuffer)}
     */
    default void reply(byte[] bytes) throws IOException {
        reply(ByteBuffer.wrap(bytes));
    }
}
