package org.socketserver.tests;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.HandOver;
import org.socketserver.tcp.TcpServer;
import org.socketserver.unix.UnixAddress;
import org.socketserver.unix.UnixStreamServer;

/**
 * A server with workers, in a process of its own. Its arguments are the hand-over, the maximum number of workers,
 * whether to serve ({@code serve}) or only to bind ({@code bind}), and the port or path.
 *
 * <p>It prints {@code ready ADDRESS} and returns from {@code main} without stopping the server.
 */
final class ForkingParent {
    private ForkingParent() {}

    public static void main(String[] args) throws IOException {
        BaseServer<?> server = args[3].matches("\\d+")
                ? new TcpServer(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[3])), Saboteur.class)
                : new UnixStreamServer(args[3], Saboteur.class);
        server.mixIn(new ForkingMixIn().handOver(HandOver.valueOf(args[0])).maxChildren(Integer.parseInt(args[1])));
        System.out.println("begins");
        if (args[2].equals("serve")) {
            server.start();
        } else {
            server.bind();
        }
        System.out.println("ready "
                + (server.address() instanceof InetSocketAddress tcp
                        ? Integer.toString(tcp.getPort())
                        : ((UnixAddress) server.address()).path().orElseThrow()));
    }
}
