package org.socketserver.unix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.ConnectionRefusedSocketException;
import org.socketserver.api.spi.DescriptorLock;

/**
 * Packets through junixsocket's channel, on every system. It can't distinguish an empty packet from none.
 *
 * <p>Packets are sent through a copy of the server's descriptor that may be lost: junixsocket closes the descriptor
 * when a packet is refused because the receiver is closed (exceptions.c: ECONNREFUSED, EPIPE, ECONNRESET, ENOTCONN).
 * After a failure a new copy is made.
 */
final class LibraryPackets extends PacketCalls {
    private final AFUNIXDatagramChannel server;
    private @Nullable DescriptorCopy copy;

    LibraryPackets(AFUNIXDatagramChannel server) {
        this.server = server;
    }

    @Override
    @Nullable
    UnixAddress receive(ByteBuffer target) throws IOException {
        AFUNIXSocketAddress sender = server.receive(target);
        return sender == null && target.position() == 0 ? null : UnixAddress.ofLibrary(sender);
    }

    @Override
    boolean send(ByteBuffer direct, UnixAddress target) throws IOException {
        DescriptorCopy used = copy;
        if (used == null) {
            used = DescriptorLock.shared(() -> DescriptorCopy.of(server));
            copy = used;
            used.channel().configureBlocking(false);
        }
        boolean done = false;
        try {
            boolean sent = used.channel().send(direct, target.forLibrary()) > 0;
            done = true;
            return sent;
        } catch (ConnectionRefusedSocketException | ClosedChannelException | NotYetConnectedException gone) {
            throw unreachable(target, gone.getMessage(), gone);
        } catch (IOException failure) {
            // Most errors do not have their own class.
            String words = String.valueOf(failure.getMessage());
            throw Errno.isUnreachable(words) ? unreachable(target, words, failure) : failure;
        } finally {
            if (!done) {
                release();
            }
        }
    }

    @Override
    void release() throws IOException {
        DescriptorCopy used = copy;
        copy = null;
        if (used != null) {
            used.close();
        }
    }
}
