package org.socketserver.unix;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DisconnectedException;

/** How the packets of a bound socket are received and sent. Never waits. One receives; any number may send. */
interface PacketCalls extends Closeable {
    /**
     * Receives a packet.
     *
     * @param target a direct buffer
     * @return the sender, unnamed if it has bound nothing; null if no packet is there
     */
    @Nullable
    UnixAddress receive(ByteBuffer target) throws IOException;

    /**
     * Offers a packet to the kernel.
     *
     * @return false if the receiver's queue is full; nothing is sent or consumed then
     * @throws DisconnectedException if the receiver is unnamed or has gone
     */
    boolean offer(ByteBuffer bytes, UnixAddress target) throws IOException;

    /** Ends all calls; to be called before the socket is closed, whose number may be somebody else's afterwards. */
    @Override
    void close() throws IOException;
}
