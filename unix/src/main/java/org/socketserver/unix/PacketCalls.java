package org.socketserver.unix;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.socketserver.api.DisconnectedException;

/** Receives and sends the packets of a bound socket. Never waits. One thread may receive, any number may send. */
interface PacketCalls extends Closeable {
    /**
     * Returns the calls for a bound channel: through the JDK's foreign functions if they are available, otherwise
     * through junixsocket.
     *
     * <p>For each packet junixsocket creates an address object and an exception, which takes longer than both calls.
     */
    static PacketCalls of(AFUNIXDatagramChannel channel) throws IOException {
        return KernelCalls.available() ? new KernelPackets(channel) : new LibraryPackets(channel);
    }

    /**
     * Receives a packet.
     *
     * @param target a direct buffer
     * @return the sender, unnamed if it is not bound; null if there is no packet, or an empty one
     */
    @Nullable
    UnixAddress receive(ByteBuffer target) throws IOException;

    /**
     * Offers a packet to the kernel.
     *
     * @return false if the receiver's queue is full; nothing is sent or consumed then
     * @throws DisconnectedException if the receiver is unnamed, is closed, or can't be reached at its address
     */
    boolean offer(ByteBuffer bytes, UnixAddress target) throws IOException;

    /** Nothing is sent after it. */
    @Override
    void close() throws IOException;
}
