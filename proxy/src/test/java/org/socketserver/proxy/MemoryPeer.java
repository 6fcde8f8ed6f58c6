package org.socketserver.proxy;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.socketserver.api.spi.Connection;

/** A peer that sends its bytes in given pieces, and then the end of input. */
final class MemoryPeer implements Connection {
    static final InetSocketAddress PROXY = new InetSocketAddress("10.0.0.5", 40_000);
    static final InetSocketAddress SERVER = new InetSocketAddress("10.0.0.11", 8_087);

    final SocketAddress address;
    final ByteBuffer bytes;
    /** The ends of the pieces, in order. */
    private final int[] ends;

    int reads;
    int furthestRequested;
    boolean open = true;

    MemoryPeer(SocketAddress address, byte[] bytes, int... splits) {
        this.address = address;
        this.bytes = ByteBuffer.wrap(bytes);
        ends = Arrays.copyOf(splits, splits.length + 1);
        ends[splits.length] = bytes.length;
    }

    static MemoryPeer sends(byte[] bytes, int... splits) {
        return new MemoryPeer(PROXY, bytes, splits);
    }

    String rest() {
        return StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
    }

    @Override
    public int read(ByteBuffer target) {
        reads++;
        furthestRequested = Math.max(furthestRequested, bytes.position() + target.remaining());
        if (!bytes.hasRemaining()) {
            return -1;
        }
        int end = Arrays.stream(ends)
                .filter(next -> next > bytes.position())
                .findFirst()
                .getAsInt();
        int count = Math.min(target.remaining(), end - bytes.position());
        target.put(bytes.slice(bytes.position(), count));
        bytes.position(bytes.position() + count);
        return count;
    }

    @Override
    public int write(ByteBuffer source) {
        throw new AssertionError("a layer that only reads has written");
    }

    @Override
    public void shutdownInput() {}

    @Override
    public void shutdownOutput() {}

    @Override
    public SocketAddress localAddress() {
        return SERVER;
    }

    @Override
    public SocketAddress remoteAddress() {
        return address;
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return type == String.class ? Optional.of(type.cast("of the transport")) : Optional.empty();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }
}
