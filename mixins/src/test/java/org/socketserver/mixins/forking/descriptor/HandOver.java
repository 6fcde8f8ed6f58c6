package org.socketserver.mixins.forking.descriptor;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Assertions;
import org.socketserver.api.spi.Connection;

/** A server socket, and a link over which its connections are passed. Both ends of the link are in this process. */
final class HandOver implements Closeable {
    /** The family of the connections. */
    enum Family {
        TCP,
        UNIX
    }

    /** Both ends of a connection that was passed over the link. */
    record Delivered(SocketChannel client, Connection served) implements Closeable {
        @Override
        public void close() throws IOException {
            client.close();
            served.close();
        }
    }

    final DescriptorOutput parent;
    final DescriptorInput child;
    private final ServerSocketChannel server;
    private final SocketAddress address;

    HandOver(Family family) throws IOException {
        Path folder = Files.createTempDirectory("handover");
        Path link = folder.resolve("link");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(link));
            child = DescriptorInput.connect(link);
            parent = DescriptorOutput.over(listener.accept());
        }
        if (family == Family.UNIX) {
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(folder.resolve("server")));
        } else {
            server = ServerSocketChannel.open();
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }
        address = server.getLocalAddress();
        if (family == Family.UNIX) {
            Files.delete(link);
            folder.resolve("server").toFile().deleteOnExit();
            folder.toFile().deleteOnExit();
        }
    }

    SocketChannel connect() throws IOException {
        return SocketChannel.open(address);
    }

    SocketChannel accept() throws IOException {
        return server.accept();
    }

    /** Sends an accepted connection over the link, and closes it on this side. */
    void send(SocketChannel accepted) throws IOException {
        parent.writeWith(new byte[] {7}, accepted);
        accepted.close();
    }

    /** Receives the next connection from the link. */
    Connection receive() throws IOException {
        byte[] one = new byte[1];
        Assertions.assertEquals(1, child.read(one));
        Assertions.assertEquals(7, one[0]);
        return child.received(address, new InetSocketAddress("192.0.2.1", 1), List.of());
    }

    Delivered deliver() throws IOException {
        SocketChannel client = connect();
        send(accept());
        return new Delivered(client, receive());
    }

    static void write(Connection connection, byte[] bytes) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        while (source.hasRemaining()) {
            connection.write(source);
        }
    }

    static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        while (source.hasRemaining()) {
            channel.write(source);
        }
    }

    /** Reads until the end of input, at most {@code most} bytes. */
    static byte[] read(java.nio.channels.ReadableByteChannel channel, int most) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(most);
        while (target.hasRemaining() && channel.read(target) >= 0) {
            // Read on.
        }
        byte[] bytes = new byte[target.position()];
        target.flip().get(bytes);
        return bytes;
    }

    /** Returns the number of sockets of this process. The JVM opens and closes files and pipes at any time. */
    static int descriptors() throws IOException {
        int sockets = 0;
        for (String number : Objects.requireNonNull(new File("/proc/self/fd").list())) {
            try {
                Path target = Files.readSymbolicLink(Path.of("/proc/self/fd", number));
                sockets += target.toString().startsWith("socket:") ? 1 : 0;
            } catch (NoSuchFileException closedMeanwhile) {
                // Closed after it was listed.
            }
        }
        return sockets;
    }

    /** Waits until at most that many sockets are open, because sockets of earlier tests may still be closing. */
    static void awaitDescriptors(int atMost) throws IOException, InterruptedException {
        long began = System.nanoTime();
        while (descriptors() > atMost) {
            if (System.nanoTime() - began > 20_000_000_000L) {
                throw new AssertionError(descriptors() + " sockets are open, not " + atMost);
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        parent.close();
        child.close();
    }
}
