package org.socketserver.tcp;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.socketserver.api.spi.SocketChannelConnection;

/** A TCP connection: a socket channel that has {@code TCP_NODELAY}. */
final class TcpConnection extends SocketChannelConnection {
    TcpConnection(SocketChannel channel, SocketAddress localAddress, SocketAddress remoteAddress) {
        super(channel, localAddress, remoteAddress);
    }

    @Override
    public Optional<SocketChannel> channel() {
        return Optional.of(socketChannel());
    }

    @Override
    public void noDelay(boolean noDelay) throws IOException {
        socketChannel().setOption(StandardSocketOptions.TCP_NODELAY, noDelay);
    }
}
