package org.socketserver.mixins.forking.worker;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * Writes to the parent. An interrupt of a thread that writes, which a handler may have sent, closes a blocking channel
 * of the JDK but not a non-blocking one. It stays pending. One thread at a time writes.
 */
final class UninterruptibleOutput extends OutputStream {
    private final SocketChannel channel;
    private final Selector selector = Selector.open();

    /** Takes over a connected channel. */
    UninterruptibleOutput(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_WRITE);
    }

    @Override
    public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(bytes, offset, length);
        boolean interrupted = false;
        try {
            while (source.hasRemaining()) {
                if (channel.write(source) == 0) {
                    selector.select(writable -> {});
                    // Otherwise the next wait would end at once.
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() throws IOException {
        try (selector) {
            channel.close();
        }
    }
}
