package org.socketserver.examples.cli;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/**
 * A client over a channel of any transport.
 *
 * <p>For Unix packets it has a temporary address, because a server cannot answer a socket without one: a path if the
 * server has a path, otherwise an abstract name. Closing removes it.
 */
final class ChannelClient extends Client {
    /** A {@link SocketChannel} or {@link DatagramChannel}. */
    private final SelectableChannel channel;

    private final @Nullable Path ownFile;
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 18);

    private ChannelClient(SelectableChannel channel, @Nullable Path ownFile) throws IOException {
        super(channel instanceof SocketChannel);
        this.channel = channel;
        this.ownFile = ownFile;
        channel.configureBlocking(false);
        // A selector only accepts channels of its own provider.
        selector = channel.provider().openSelector();
        channel.register(selector, SelectionKey.OP_READ);
    }

    static ChannelClient open(Transport transport, String address) throws IOException {
        return switch (transport) {
            case TCP -> {
                SocketChannel tcp = SocketChannel.open(resolved(address));
                tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
                yield new ChannelClient(tcp, null);
            }
            case UNIX -> new ChannelClient(AFUNIXSocketChannel.open(unixAddress(address)), null);
            // Connected, so that the kernel reports an unused port and drops packets from other senders.
            case UDP -> new ChannelClient(DatagramChannel.open().connect(resolved(address)), null);
            case UNIX_DATAGRAM -> unixDatagram(address);
        };
    }

    private static ChannelClient unixDatagram(String address) throws IOException {
        String name = "socketserver-client-" + UUID.randomUUID();
        boolean isAbstract = address.startsWith("@");
        Path ownFile = Path.of(System.getProperty("java.io.tmpdir"), name + ".sock");
        DatagramChannel channel = AFUNIXDatagramChannel.open();
        try {
            channel.bind(unixAddress(isAbstract ? "@" + name : ownFile.toString()));
            channel.connect(unixAddress(address));
            // In case a signal ends the process.
            ownFile.toFile().deleteOnExit();
            return new ChannelClient(channel, isAbstract ? null : ownFile);
        } catch (IOException failure) {
            channel.close();
            Files.deleteIfExists(ownFile);
            throw failure;
        }
    }

    @Override
    void send(byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            if (((ByteChannel) channel).write(left) == 0) {
                // The server's queue is full. A Unix datagram socket does not report when it has room again.
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    @Override
    void endOutput() throws IOException {
        if (channel instanceof SocketChannel stream) {
            stream.shutdownOutput();
        }
    }

    @Override
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

    @Override
    public void close() throws IOException {
        channel.close();
        selector.close();
        if (ownFile != null) {
            Files.deleteIfExists(ownFile);
        }
    }
}
