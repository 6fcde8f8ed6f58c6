package org.socketserver.unix;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/** Packets through junixsocket's channel, on every system. It can't tell an empty packet from none. */
final class LibraryPackets implements PacketCalls {
    private final AFUNIXDatagramChannel channel;
    private final ReplyChannel replies;

    LibraryPackets(AFUNIXDatagramChannel channel) {
        this.channel = channel;
        replies = new ReplyChannel(channel);
    }

    @Override
    public @Nullable UnixAddress receive(ByteBuffer target) throws IOException {
        AFUNIXSocketAddress sender = channel.receive(target);
        return sender == null && target.position() == 0 ? null : NativeSockets.address(sender);
    }

    @Override
    public boolean offer(ByteBuffer bytes, UnixAddress target) throws IOException {
        return replies.offer(bytes, target);
    }

    @Override
    public void close() throws IOException {
        replies.close();
    }
}
