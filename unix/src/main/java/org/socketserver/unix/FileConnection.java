package org.socketserver.unix;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.OptionalLong;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.socketserver.api.spi.SocketChannelConnection;

/** A connection to a socket file: a channel of the JDK. */
final class FileConnection extends SocketChannelConnection {
    FileConnection(SocketChannel channel, UnixAddress server) throws IOException {
        super(channel, server, peer(channel));
    }

    private static UnixAddress peer(SocketChannel channel) throws IOException {
        // The JDK shows a peer with an abstract name as unnamed.
        return channel.getRemoteAddress() instanceof UnixDomainSocketAddress address
                ? UnixAddress.ofReceived(address.getPath())
                : UnixAddress.unnamed();
    }

    @Override
    public Optional<SocketChannel> channel() {
        return Optional.of(socketChannel());
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        if (type != PeerCredentials.class) {
            return Optional.empty();
        }
        try {
            UnixDomainPrincipal peer = socketChannel().getOption(ExtendedSocketOptions.SO_PEERCRED);
            return Optional.of(type.cast(new PeerCredentials(peer.user(), peer.group(), OptionalLong.empty())));
        } catch (IOException | UnsupportedOperationException closedOrUnknown) {
            return Optional.empty();
        }
    }
}
