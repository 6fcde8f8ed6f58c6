package org.socketserver.unix;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.socketserver.api.DisconnectedException;

/** How the packets of a bound socket are received and sent. Never waits. One receives; any number may send. */
interface PacketCalls extends Closeable {
    /**
     * Makes the calls for a bound channel: by the JDK's foreign functions, where they are; otherwise junixsocket's own.
     *
     * <p>junixsocket makes an address object for each packet, with an exception inside, which takes longer than both
     * calls.
     */
    static PacketCalls of(AFUNIXDatagramChannel channel) throws IOException {
        return KernelCalls.available() ? new KernelPackets(channel) : new LibraryPackets(channel);
    }

    /**
     * Receives a packet.
     *
     * @param target a direct buffer
     * @return the sender, unnamed if it has bound nothing; null if no packet is there, or an empty one was
     */
    @Nullable
    UnixAddress receive(ByteBuffer target) throws IOException;

    /**
     * Offers a packet to the kernel.
     *
     * @return false if the receiver's queue is full; nothing is sent or consumed then
     * @throws DisconnectedException if the receiver is unnamed, has gone, or can't be reached at its address
     */
    boolean offer(ByteBuffer bytes, UnixAddress target) throws IOException;

    /** Nothing is sent after it. */
    @Override
    void close() throws IOException;
}
