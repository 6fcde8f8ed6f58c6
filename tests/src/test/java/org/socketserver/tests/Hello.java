package org.socketserver.tests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.FilterConnection;
import org.socketserver.api.spi.Layer;

/**
 * A layer that begins with a line from the client, {@code hello IP}, which becomes the client's address if the layer
 * identifies clients.
 */
record Hello(boolean identifiesClient) implements Layer {
    @Override
    public Connection over(Connection below) throws IOException {
        String line = readLine(below);
        if (!line.startsWith("hello ")) {
            throw new ProtocolException("no hello: " + line);
        }
        return new Greeted(below, new InetSocketAddress(line.substring("hello ".length()), 1), identifiesClient);
    }

    /** Reads exactly the line. */
    private static String readLine(Connection below) throws IOException {
        var line = new ByteArrayOutputStream();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (below.read(one.clear()) == 1) {
            if (one.get(0) == '\n') {
                return line.toString(StandardCharsets.UTF_8);
            }
            line.write(one.get(0));
        }
        throw new DisconnectedException("the client left during its hello", null);
    }

    private static final class Greeted extends FilterConnection {
        private final InetSocketAddress client;
        private final boolean identified;

        Greeted(Connection below, InetSocketAddress client, boolean identified) {
            super(below);
            this.client = client;
            this.identified = identified;
        }

        @Override
        public SocketAddress remoteAddress() {
            return identified ? client : super.remoteAddress();
        }

        @Override
        public <T> Optional<T> attribute(Class<T> type) {
            return type == InetSocketAddress.class ? Optional.of(type.cast(client)) : super.attribute(type);
        }
    }
}
