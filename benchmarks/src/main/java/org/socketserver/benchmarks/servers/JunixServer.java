package org.socketserver.benchmarks.servers;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/** junixsocket's channel for Unix datagrams in a loop, because the JDK has none. KIND is {@code sync}. */
public final class JunixServer {
    private JunixServer() {}

    /**
     * Serves forever.
     *
     * @param args see {@link Setup}
     * @throws IOException if it cannot bind, receive or send
     */
    public static void main(String... args) throws IOException {
        Setup setup = Setup.of(args);
        if (!setup.transport().equals("unixdgram")) {
            throw setup.unknown();
        }
        try (AFUNIXDatagramChannel channel = AFUNIXDatagramChannel.open()) {
            channel.bind(AFUNIXSocketAddress.of(setup.path()));
            Setup.announcePath(setup.path());
            ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
            while (true) {
                buffer.clear();
                SocketAddress sender = channel.receive(buffer);
                buffer.flip();
                channel.send(buffer, sender);
            }
        }
    }
}
