package org.socketserver.tests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.socketserver.unix.UnixAddress;

/** A connection to a server, over a blocking channel of any provider, or with TLS over one. */
final class StreamClient implements Client {
    private final SocketChannel channel;
    private final @Nullable SSLSocket tls;
    private final ByteBuffer input = ByteBuffer.allocate(8_192).flip();

    StreamClient(SocketChannel channel) {
        this.channel = channel;
        tls = null;
    }

    /** Creates a client with TLS, which begins its handshake with the first read or write. */
    StreamClient(SocketChannel channel, SSLSocket tls) {
        this.channel = channel;
        this.tls = tls;
    }

    @Override
    public void send(String line) throws IOException {
        write((line + '\n').getBytes(StandardCharsets.UTF_8));
    }

    void write(byte[] bytes) throws IOException {
        if (tls != null) {
            tls.getOutputStream().write(bytes);
            return;
        }
        for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
            channel.write(rest);
        }
    }

    @Override
    public @Nullable String receive() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = read(); next != '\n'; next = read()) {
            if (next < 0) {
                return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** Returns the next byte, or -1 at the end of input. */
    int read() throws IOException {
        if (!input.hasRemaining()) {
            input.clear();
            int count = tls == null ? channel.read(input) : readTls();
            input.flip();
            if (count < 0) {
                return -1;
            }
        }
        return input.get() & 0xff;
    }

    private int readTls() throws IOException {
        int count = tls.getInputStream().read(input.array());
        input.position(Math.max(0, count));
        return count;
    }

    /** Returns everything up to the end of input. */
    byte[] readAll() throws IOException {
        var all = new ByteArrayOutputStream();
        for (int next = read(); next >= 0; next = read()) {
            all.write(next);
        }
        return all.toByteArray();
    }

    /** Returns whether the server has closed the connection without a reset and without further bytes. */
    boolean isAtEnd() throws IOException {
        return read() < 0;
    }

    void halfClose() throws IOException {
        if (tls != null) {
            tls.shutdownOutput();
        } else {
            channel.shutdownOutput();
        }
    }

    /** Closes so that the server's next read or write fails, over TCP with a reset. */
    void reset() throws IOException {
        if (channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)
                && channel.getRemoteAddress() instanceof InetSocketAddress) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        channel.close();
    }

    @Override
    public SocketAddress address() throws IOException {
        SocketAddress local = channel.getLocalAddress();
        return local instanceof InetSocketAddress ? local : UnixAddress.unnamed();
    }

    @Override
    public void close() throws IOException {
        if (tls != null) {
            tls.close();
        }
        channel.close();
    }
}
