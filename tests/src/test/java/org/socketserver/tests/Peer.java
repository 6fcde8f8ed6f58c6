package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.socketserver.unix.UnixAddress;

/** A non-blocking connection, so that one thread can use many of them. */
final class Peer implements Closeable {
    private final SocketChannel channel;

    Peer(SocketAddress server) throws IOException {
        channel = server instanceof UnixAddress name ? abstractChannel(name) : SocketChannel.open(server);
        channel.configureBlocking(false);
    }

    private static SocketChannel abstractChannel(UnixAddress name) throws IOException {
        AFUNIXSocketChannel opened = AFUNIXSocketChannel.open();
        opened.connect(SocketNames.nativeAddress(name));
        return opened;
    }

    /** Sends as many bytes as fit into the socket's buffer. */
    void send(String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Reads one byte if there is one.
     *
     * @return the byte, -1 at the end of input, -2 if there is nothing to read
     * @throws IOException if the connection was reset
     */
    int poll() throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        int count = channel.read(one);
        return count > 0 ? one.get(0) & 0xff : count < 0 ? -1 : -2;
    }

    /** Returns whether the server has closed the connection without a reset. */
    boolean isAtEnd() throws IOException {
        return poll() == -1;
    }

    /** Returns the next byte, or -1 at the end of input, waiting at most the given time. */
    int read(long millis) throws IOException {
        int next = pollWithin(millis);
        if (next == -2) {
            throw new AssertionError("no byte and no end of input within " + millis + " ms");
        }
        return next;
    }

    /** Returns whether the input ends within the given time. */
    boolean isEndedWithin(long millis) throws IOException {
        return pollWithin(millis) == -1;
    }

    private int pollWithin(long millis) throws IOException {
        try (Selector selector = channel.provider().openSelector()) {
            channel.register(selector, SelectionKey.OP_READ);
            long began = System.nanoTime();
            int next = poll();
            for (long left = millis; next == -2 && left > 0; left = millis - ServingTest.millisSince(began)) {
                selector.select(left);
                selector.selectedKeys().clear();
                next = poll();
            }
            return next;
        }
    }

    /** Sends a line and checks that it is echoed within the given time. */
    void exchange(String line, long millis) throws IOException {
        long began = System.nanoTime();
        send(line + '\n');
        for (char expected : (line + '\n').toCharArray()) {
            assertEquals(expected, (char) read(Math.max(1, millis - ServingTest.millisSince(began))));
        }
    }

    /** Closes with a reset: at least one byte of an echo is still unread. */
    void reset(long millis) throws IOException {
        send("unread\n");
        assertEquals('u', (char) read(millis));
        if (channel.getRemoteAddress() instanceof InetSocketAddress) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        channel.close();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
