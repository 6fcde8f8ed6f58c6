package org.socketserver.examples.cli;

import java.io.Closeable;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.socketserver.api.internal.AddressText;

/**
 * A client socket for one server, over a connection or with packets. One thread may send while another receives.
 *
 * <p>For Unix packets it has a temporary address, because a server cannot answer a socket without one: a path if the
 * server has a path, otherwise an abstract name. Closing removes it.
 */
final class Client implements Closeable {
    /** How long {@link #ask} waits for an answer. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /** A {@link SocketChannel} or {@link DatagramChannel}. */
    private final SelectableChannel channel;

    private final @Nullable Path ownFile;
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 18);
    /** Bytes that {@link #ask} has received and not returned, one character per byte. */
    private final StringBuilder unread = new StringBuilder();

    private Client(SelectableChannel channel, @Nullable Path ownFile) throws IOException {
        this.channel = channel;
        this.ownFile = ownFile;
        channel.configureBlocking(false);
        // A selector only accepts channels of its own provider.
        selector = channel.provider().openSelector();
        channel.register(selector, SelectionKey.OP_READ);
    }

    /** Connects to the address that a server prints: {@code HOST:PORT}, a path, or {@code @name}. */
    static Client connect(Transport transport, String address) throws IOException {
        try {
            return switch (transport) {
                case TCP -> {
                    SocketChannel tcp = SocketChannel.open(resolved(address));
                    tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    yield new Client(tcp, null);
                }
                case UNIX -> new Client(AFUNIXSocketChannel.open(unixAddress(address)), null);
                // Connected, so that the kernel reports an unused port and drops packets from other senders.
                case UDP -> new Client(DatagramChannel.open().connect(resolved(address)), null);
                case UNIX_DATAGRAM -> unixDatagram(address);
            };
        } catch (IOException failure) {
            throw new IOException(
                    "can't connect to " + transport + " " + address + ": " + failure.getMessage(), failure);
        }
    }

    private static InetSocketAddress resolved(String address) throws UnknownHostException {
        InetSocketAddress parsed = AddressText.parse(address);
        return parsed.isUnresolved()
                ? new InetSocketAddress(InetAddress.getByName(parsed.getHostString()), parsed.getPort())
                : parsed;
    }

    private static Client unixDatagram(String address) throws IOException {
        String name = "socketserver-client-" + UUID.randomUUID();
        boolean isAbstract = address.startsWith("@");
        Path ownFile = Path.of(System.getProperty("java.io.tmpdir"), name + ".sock");
        DatagramChannel channel = AFUNIXDatagramChannel.open();
        try {
            channel.bind(unixAddress(isAbstract ? "@" + name : ownFile.toString()));
            channel.connect(unixAddress(address));
            // In case a signal ends the process.
            ownFile.toFile().deleteOnExit();
            return new Client(channel, isAbstract ? null : ownFile);
        } catch (IOException failure) {
            channel.close();
            Files.deleteIfExists(ownFile);
            throw failure;
        }
    }

    private static AFUNIXSocketAddress unixAddress(String address) throws IOException {
        return address.startsWith("@")
                ? AFUNIXSocketAddress.inAbstractNamespace(address.substring(1))
                : AFUNIXSocketAddress.of(new File(address));
    }

    /** Sends all bytes, over datagrams as one packet. */
    void send(byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            if (((ByteChannel) channel).write(left) == 0) {
                // The server's queue is full. A Unix datagram socket does not report when it has room again.
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    /** Ends the output of a connection. The server reads the end of input and can still answer. */
    void endOutput() throws IOException {
        if (channel instanceof SocketChannel stream) {
            stream.shutdownOutput();
        }
    }

    /**
     * Returns a packet or some bytes of a connection, no bytes at its end; empty if the time-out has elapsed. Does not
     * wait if it is zero.
     *
     * @throws IOException if the connection is lost, or the transport reports that there is no server
     */
    Optional<byte[]> receive(Duration timeout) throws IOException {
        long began = System.nanoTime();
        while (!hasReceived()) {
            long left = timeout.toMillis() - (System.nanoTime() - began) / 1_000_000;
            if (left <= 0) {
                return Optional.empty();
            }
            selector.select(left);
            selector.selectedKeys().clear();
        }
        byte[] bytes = new byte[buffer.flip().remaining()];
        buffer.get(bytes);
        return Optional.of(bytes);
    }

    private boolean hasReceived() throws IOException {
        buffer.clear();
        return channel instanceof DatagramChannel packets
                ? packets.receive(buffer) != null || buffer.position() > 0
                : ((SocketChannel) channel).read(buffer) != 0;
    }

    /** Sends a line and returns the next line or packet, without its line end. */
    String ask(String line) throws IOException {
        send((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (true) {
            int end = unread.indexOf("\n");
            if (end >= 0) {
                byte[] answer = unread.substring(0, end).getBytes(StandardCharsets.ISO_8859_1);
                unread.delete(0, end + 1);
                return new String(answer, StandardCharsets.UTF_8);
            }
            byte[] bytes = receive(PATIENCE)
                    .orElseThrow(() -> new SocketTimeoutException("no answer in " + PATIENCE.toMillis() + " ms"));
            if (channel instanceof DatagramChannel) {
                return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
            }
            if (bytes.length == 0) {
                throw new EOFException("the server closed the connection without an answer");
            }
            unread.append(new String(bytes, StandardCharsets.ISO_8859_1));
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        selector.close();
        if (ownFile != null) {
            Files.deleteIfExists(ownFile);
        }
    }
}
