package org.socketserver.examples.clients;

import java.io.File;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
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
import org.socketserver.examples.servers.HostPort;
import org.socketserver.examples.servers.Transport;

/**
 * A socket for packets to and from one server.
 *
 * <p>A Unix socket gets a temporary name of its own, since a server can't answer one without: a path if the server has a
 * path, an abstract name if it has one. Closing removes it.
 */
public final class DatagramClient implements Client {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final DatagramChannel channel;
    private final @Nullable Path ownFile;
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 18);

    private DatagramClient(DatagramChannel channel, @Nullable Path ownFile) throws IOException {
        this.channel = channel;
        this.ownFile = ownFile;
        channel.configureBlocking(false);
        // Of the same provider: no selector takes the channels of another.
        selector = channel.provider().openSelector();
        channel.register(selector, SelectionKey.OP_READ);
    }

    /**
     * Opens a socket.
     *
     * @param transport a datagram transport
     * @param address as the server writes it
     * @return the socket
     * @throws IOException if there is no server, where the transport can tell
     */
    public static DatagramClient connect(Transport transport, String address) throws IOException {
        try {
            return transport.isUnix() ? unix(address) : udp(address);
        } catch (IOException failure) {
            throw new IOException(
                    "can't connect to " + transport.word() + " " + address + ": " + failure.getMessage(), failure);
        }
    }

    private static DatagramClient udp(String address) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        try {
            // Connected, so that the kernel reports a port where nobody listens, and no stranger can answer.
            channel.connect(HostPort.parse(address));
            return new DatagramClient(channel, null);
        } catch (IOException | IllegalArgumentException failure) {
            channel.close();
            throw failure;
        }
    }

    private static DatagramClient unix(String address) throws IOException {
        String name = "socketserver-client-" + UUID.randomUUID();
        boolean named = address.startsWith("@");
        Path ownFile = named ? null : Path.of(System.getProperty("java.io.tmpdir"), name + ".sock");
        DatagramChannel channel = AFUNIXDatagramChannel.open();
        try {
            channel.bind(
                    ownFile == null
                            ? AFUNIXSocketAddress.inAbstractNamespace(name)
                            : AFUNIXSocketAddress.of(ownFile.toFile()));
            channel.connect(
                    named
                            ? AFUNIXSocketAddress.inAbstractNamespace(address.substring(1))
                            : AFUNIXSocketAddress.of(new File(address)));
            if (ownFile != null) {
                // For the talk that a signal ends.
                ownFile.toFile().deleteOnExit();
            }
            return new DatagramClient(channel, ownFile);
        } catch (IOException failure) {
            channel.close();
            if (ownFile != null) {
                Files.deleteIfExists(ownFile);
            }
            throw failure;
        }
    }

    /**
     * Sends one packet.
     *
     * @param bytes at least one byte
     * @throws IOException if it can't be sent
     */
    public void send(byte[] bytes) throws IOException {
        ByteBuffer packet = ByteBuffer.wrap(bytes);
        while (channel.write(packet) == 0) {
            // The server's queue is full; a Unix socket gives no sign when it has room again.
            LockSupport.parkNanos(1_000_000);
        }
    }

    /**
     * Waits for a packet.
     *
     * @param timeout how long; zero does not wait
     * @return its bytes; empty if none came
     * @throws IOException if the server is not there, where the transport can tell
     */
    public Optional<byte[]> receive(Duration timeout) throws IOException {
        long began = System.nanoTime();
        while (true) {
            buffer.clear();
            if (channel.receive(buffer) != null || buffer.position() > 0) {
                byte[] packet = new byte[buffer.flip().remaining()];
                buffer.get(packet);
                return Optional.of(packet);
            }
            long left = timeout.toMillis() - (System.nanoTime() - began) / 1_000_000;
            if (left <= 0) {
                return Optional.empty();
            }
            selector.select(left);
            selector.selectedKeys().clear();
        }
    }

    @Override
    public String ask(String line) throws IOException {
        send((line + "\n").getBytes(StandardCharsets.UTF_8));
        byte[] answer = receive(PATIENCE)
                .orElseThrow(() -> new SocketTimeoutException("no answer in " + PATIENCE.toMillis() + " ms"));
        return new String(answer, StandardCharsets.UTF_8).stripTrailing();
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
