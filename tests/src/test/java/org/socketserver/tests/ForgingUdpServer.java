package org.socketserver.tests;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.udp.UdpServer;

/**
 * A {@link UdpServer} that sees its packets with the senders that a test gives, as if they had been forged on the way.
 */
final class ForgingUdpServer extends UdpServer {
    private final Queue<SocketAddress> senders = new ConcurrentLinkedQueue<>();

    ForgingUdpServer(InetSocketAddress address, HandlerSource<DatagramRequest> handlers, ServerOptions options) {
        super(address, handlers, options);
    }

    @Override
    protected @Nullable SocketAddress receive(DatagramChannel bound, ByteBuffer target) throws IOException {
        SocketAddress sender = super.receive(bound, target);
        SocketAddress forged = sender == null ? null : senders.poll();
        return forged == null ? sender : forged;
    }

    /** Sends a packet that arrives with the given sender. */
    void sendFrom(SocketAddress sender, String text) throws IOException {
        senders.add(sender);
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.send(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), address());
        }
    }
}
