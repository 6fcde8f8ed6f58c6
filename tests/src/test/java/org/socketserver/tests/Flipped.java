package org.socketserver.tests;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.FilterConnection;

/** A connection on which every byte has its bits flipped, as the layer {@code Flipped::new} puts it over another. */
final class Flipped extends FilterConnection {
    Flipped(Connection below) {
        super(below);
    }

    /** Returns a text as bytes with their bits flipped. */
    static byte[] flip(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        flip(ByteBuffer.wrap(bytes), 0, bytes.length);
        return bytes;
    }

    private static void flip(ByteBuffer bytes, int from, int to) {
        for (int index = from; index < to; index++) {
            bytes.put(index, (byte) ~bytes.get(index));
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int from = target.position();
        int count = super.read(target);
        flip(target, from, target.position());
        return count;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        ByteBuffer flipped =
                ByteBuffer.allocate(source.remaining()).put(source.duplicate()).flip();
        flip(flipped, 0, flipped.limit());
        int count = super.write(flipped);
        source.position(source.position() + count);
        return count;
    }

    @Override
    public Optional<SocketChannel> channel() {
        return Optional.empty();
    }
}
