package org.socketserver.tests;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A bound datagram socket that talks to one server, over a channel of any provider. */
final class DatagramClient implements Client {
    private static final long PATIENCE_MILLIS = 10_000;

    private final DatagramChannel channel;
    private final SocketAddress self;
    private final SocketAddress server;
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocate(70_000);

    DatagramClient(DatagramChannel channel, SocketAddress self, SocketAddress server) throws IOException {
        this.channel = channel;
        this.self = self;
        this.server = server;
        selector = channel.provider().openSelector();
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
    }

    @Override
    public void send(String line) throws IOException {
        send((line + '\n').getBytes(StandardCharsets.UTF_8));
    }

    /** Sends one packet, waiting while the server's queue is full. */
    void send(byte[] packet) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        do {
            channel.send(bytes, server);
        } while (bytes.hasRemaining());
    }

    /** Sends one packet if the server's queue has room. */
    boolean offer(String line) throws IOException {
        return offer((line + '\n').getBytes(StandardCharsets.UTF_8));
    }

    boolean offer(byte[] packet) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        channel.send(bytes, server);
        return !bytes.hasRemaining();
    }

    @Override
    public @Nullable String receive() throws IOException {
        byte[] packet = receivePacket();
        return packet == null ? null : new String(packet, StandardCharsets.UTF_8).stripTrailing();
    }

    /** Returns the next packet, or null if none arrives in time. */
    byte @Nullable [] receivePacket() throws IOException {
        return receivePacket(PATIENCE_MILLIS);
    }

    /** Returns the next packet, or null if none arrives within the given time. */
    byte @Nullable [] receivePacket(long millis) throws IOException {
        long began = System.nanoTime();
        while (true) {
            buffer.clear();
            SocketAddress sender = channel.receive(buffer);
            if (sender != null) {
                buffer.flip();
                byte[] packet = new byte[buffer.remaining()];
                buffer.get(packet);
                return packet;
            }
            long left = millis - (System.nanoTime() - began) / 1_000_000;
            if (left <= 0) {
                return null;
            }
            selector.select(left);
            selector.selectedKeys().clear();
        }
    }

    @Override
    public SocketAddress address() {
        return self;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        selector.close();
    }
}
