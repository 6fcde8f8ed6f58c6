package org.socketserver.benchmarks.servers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.socketserver.api.internal.VirtualThreads;

/**
 * The JDK alone, structured like {@link OurServer}: the difference is the cost of the framework.
 *
 * <p>KIND is {@code virtual}, {@code virtual-plain} (without the yield) or {@code platform} for a thread per connection
 * or packet, or {@code sync} for one packet at a time.
 */
public final class BareLoop {
    private final Setup setup;
    private final boolean virtual;
    private final boolean yielding;

    private BareLoop(Setup setup) {
        this.setup = setup;
        this.virtual = setup.kind().startsWith("virtual");
        this.yielding = setup.kind().equals("virtual");
    }

    /**
     * Serves forever.
     *
     * @param args see {@link Setup}
     * @throws IOException if it cannot bind or accept
     */
    public static void main(String... args) throws IOException {
        Setup setup = Setup.of(args);
        BareLoop loop = new BareLoop(setup);
        switch (setup.transport()) {
            case "tcp", "unix" -> loop.accept();
            case "udp" -> loop.receive();
            default -> throw setup.unknown();
        }
    }

    private void start(Runnable work) {
        Thread thread = virtual ? VirtualThreads.newThread("", work) : new Thread(work);
        thread.start();
    }

    private void accept() throws IOException {
        boolean tcp = setup.transport().equals("tcp");
        try (ServerSocketChannel listener =
                ServerSocketChannel.open(tcp ? StandardProtocolFamily.INET : StandardProtocolFamily.UNIX)) {
            listener.bind(setup.address(), 4096);
            if (tcp) {
                Setup.announcePort(((InetSocketAddress) listener.getLocalAddress()).getPort());
            } else {
                Setup.announcePath(setup.path());
            }
            while (true) {
                SocketChannel peer = listener.accept();
                if (tcp) {
                    peer.setOption(StandardSocketOptions.TCP_NODELAY, true);
                }
                start(() -> answer(peer));
            }
        }
    }

    private void answer(SocketChannel peer) {
        try (peer) {
            ByteBuffer buffer = ByteBuffer.allocate(setup.buffer());
            while (peer.read(buffer) > 0) {
                boolean over = setup.line() && buffer.get(buffer.position() - 1) == '\n';
                buffer.flip();
                while (buffer.hasRemaining()) {
                    peer.write(buffer);
                }
                if (over) {
                    return;
                }
                buffer.clear();
                if (yielding) {
                    Thread.yield();
                }
            }
        } catch (IOException disconnected) {
            // The client has disconnected.
        }
    }

    private void receive() throws IOException {
        boolean sync = setup.kind().equals("sync");
        try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
            channel.bind(setup.address());
            Setup.announcePort(((InetSocketAddress) channel.getLocalAddress()).getPort());
            ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
            while (true) {
                buffer.clear();
                SocketAddress sender = channel.receive(buffer);
                buffer.flip();
                if (sync) {
                    channel.send(buffer, sender);
                } else {
                    byte[] copy = new byte[buffer.remaining()];
                    buffer.get(copy);
                    start(() -> send(channel, copy, sender));
                }
            }
        }
    }

    private static void send(DatagramChannel channel, byte[] packet, SocketAddress target) {
        try {
            channel.send(ByteBuffer.wrap(packet), target);
        } catch (IOException lost) {
            // The generator sends another packet.
        }
    }
}
