package org.socketserver.mixins.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/** A link over a blocking channel of the JDK, which it owns. */
public final class ChannelLink implements Link {
    private final SocketChannel channel;

    /**
     * Takes over a channel.
     *
     * @param channel the channel, connected and blocking
     */
    public ChannelLink(SocketChannel channel) {
        this.channel = Objects.requireNonNull(channel, "channel");
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return channel.read(target);
    }

    @Override
    public void write(ByteBuffer source) throws IOException {
        while (source.hasRemaining()) {
            channel.write(source);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
