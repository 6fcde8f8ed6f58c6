package org.socketserver.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.SocketChannelConnection;

/** A listener on the loopback interface, with the connections of a layer on one side and JDK sockets on the other. */
final class Loopback implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        return thread;
    });

    Loopback() throws IOException {
        listener = ServerSocketChannel.open();
        // Small, so that a peer that does not read blocks the other soon.
        listener.setOption(StandardSocketOptions.SO_RCVBUF, 64 * 1024);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** Runs a task on another thread. */
    <T> Future<T> run(Callable<T> task) {
        return threads.submit(task);
    }

    /** Accepts a connection and puts the layer over it, on another thread. */
    Future<Connection> accept(Tls tls) {
        return run(() -> tls.over(acceptPlain()));
    }

    Connection acceptPlain() throws IOException {
        SocketChannel channel = listener.accept();
        return new SocketChannelConnection(channel, channel.getLocalAddress(), channel.getRemoteAddress());
    }

    /** Connects without TLS. */
    Socket connectPlain() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(64 * 1024);
        socket.connect(listener.getLocalAddress());
        socket.setSoTimeout(20_000);
        return socket;
    }

    Connection connectChannel() throws IOException {
        SocketChannel channel = SocketChannel.open(listener.getLocalAddress());
        return new SocketChannelConnection(channel, channel.getLocalAddress(), channel.getRemoteAddress());
    }

    /** Connects, without the handshake, with the protocols; with all that the context has if there are none. */
    SSLSocket connect(SSLContext context, String... protocols) throws IOException {
        return over(connectPlain(), context, protocols);
    }

    SSLSocket over(Socket plain, SSLContext context, String... protocols) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory()
                .createSocket(plain, "localhost", listener.socket().getLocalPort(), true);
        if (protocols.length > 0) {
            socket.setEnabledProtocols(protocols);
        }
        return socket;
    }

    /** Both sides of a connection after the handshake. */
    record Pair(Connection server, SSLSocket client) {
        String readAtServer(int length) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            while (bytes.hasRemaining() && server.read(bytes) >= 0) {}
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
        }

        String readAtClient(int length) throws IOException {
            return new String(client.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
        }

        void writeAtServer(String text) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                server.write(bytes);
            }
        }

        void writeAtClient(String text) throws IOException {
            client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        }

        TlsPeer peer() {
            return server.attribute(TlsPeer.class).orElseThrow();
        }
    }

    Pair connect(Tls tls, String... protocols) throws IOException, GeneralSecurityException {
        return connect(tls, connect(Certificates.clientContext(), protocols));
    }

    /** Does the handshake of a client that is connected. */
    Pair connect(Tls tls, SSLSocket client) throws IOException {
        Future<Connection> server = accept(tls);
        client.startHandshake();
        return new Pair(get(server), client);
    }

    /** Returns a result; throws what the task has thrown. */
    static <T> T get(Future<T> task) throws IOException {
        try {
            return task.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof IOException expected) {
                throw expected;
            }
            throw new AssertionError(failure.getCause());
        } catch (InterruptedException | TimeoutException stuck) {
            throw new AssertionError(stuck);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
    }
}
