package org.socketserver.tests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.socketserver.unix.UnixAddress;

/**
 * A connection to a server, over a blocking channel of any provider, or with TLS over one. With TLS, a thread of its
 * own does the handshake and the writes, because the kernel accepts bytes for a server that is busy, and TLS does not.
 */
final class StreamClient implements Client {
    private final SocketChannel channel;
    private final @Nullable SSLSocket tls;
    /** Does the handshake and the writes of TLS. */
    private final @Nullable ExecutorService writer;
    /** True once the handshake of TLS is complete. */
    private volatile boolean secured;

    private volatile boolean lost;
    private final CountDownLatch handshakeOver = new CountDownLatch(1);

    private final ByteBuffer input = ByteBuffer.allocate(8_192).flip();

    StreamClient(SocketChannel channel) {
        this.channel = channel;
        tls = null;
        writer = null;
    }

    /** Creates a client with TLS, which begins its handshake. */
    StreamClient(SocketChannel channel, SSLSocket tls) {
        this.channel = channel;
        this.tls = tls;
        writer = Executors.newSingleThreadExecutor(StreamClient::newWriter);
        tls.addHandshakeCompletedListener(event -> secured = true);
        inTurn(() -> {
            try {
                tls.startHandshake();
            } finally {
                handshakeOver.countDown();
            }
        });
    }

    private static Thread newWriter(Runnable work) {
        Thread thread = new Thread(work, "writer of a client");
        thread.setDaemon(true);
        return thread;
    }

    private interface Step {
        void run() throws IOException;
    }

    /** Runs a step after those before it. A failure shows in the next read, and in later writes. */
    private void inTurn(Step step) {
        try {
            writer.execute(() -> {
                try {
                    step.run();
                } catch (IOException failure) {
                    lost = true;
                }
            });
        } catch (RejectedExecutionException closed) {
            lost = true;
        }
    }

    @Override
    public void send(String line) throws IOException {
        write((line + '\n').getBytes(StandardCharsets.UTF_8));
    }

    void write(byte[] bytes) throws IOException {
        if (tls != null) {
            if (lost) {
                throw new IOException("an earlier write or the handshake has failed");
            }
            inTurn(() -> tls.getOutputStream().write(bytes));
            return;
        }
        for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
            channel.write(rest);
        }
    }

    /** Waits until the kernel has all bytes that were written. */
    void awaitWritten() throws Exception {
        if (tls != null) {
            writer.submit(() -> {}).get(20, TimeUnit.SECONDS);
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

    /** A connection that the server closes before or in the handshake has just ended, as without TLS. */
    private int readTls() throws IOException {
        try {
            // If a read did the handshake, that of the writer would be a second one, and write to a closed connection.
            handshakeOver.await();
            int count = tls.getInputStream().read(input.array());
            input.position(Math.max(0, count));
            return count;
        } catch (InterruptedException stop) {
            throw new InterruptedIOException("interrupted during the handshake");
        } catch (IOException failure) {
            if (secured) {
                throw failure;
            }
            return -1;
        }
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
            inTurn(tls::shutdownOutput);
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
        if (tls != null && !writer.isShutdown()) {
            inTurn(tls::close);
            awaitWriter();
        }
        channel.close();
    }

    /** Waits for the writer, unless the server does not take what it writes. */
    private void awaitWriter() throws IOException {
        writer.shutdown();
        try {
            writer.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException stop) {
            throw new IOException(stop);
        }
    }
}
