package org.socketserver.benchmarks.servers;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/**
 * What a server is told on its command line, the same for all of them: {@code KIND TRANSPORT HANDLER BUFFER [PATH]}.
 *
 * @param kind which of the ways that this server knows
 * @param transport {@code tcp}, {@code udp}, {@code unix} or {@code unixdgram}
 * @param line true to answer one line and end the connection, false to send back what comes
 * @param buffer how much is read at once, in bytes
 * @param path where a Unix socket goes; empty for the others
 */
record Setup(String kind, String transport, boolean line, int buffer, Path path) {
    static Setup of(String... args) {
        return new Setup(
                args[0],
                args[1],
                args[2].equals("line"),
                Integer.parseInt(args[3]),
                Path.of(args.length > 4 ? args[4] : ""));
    }

    /** Says on standard output that the port can be connected to. */
    static void announcePort(int port) {
        System.out.println("port " + port);
        System.out.flush();
    }

    /** Says on standard output that the path can be connected to. */
    static void announcePath(Path path) {
        System.out.println("path " + path);
        System.out.flush();
    }

    UnsupportedOperationException unknown() {
        return new UnsupportedOperationException(kind + " over " + transport);
    }

    /** Tells where to bind: the path of a Unix socket, a free port of the loopback address otherwise. */
    SocketAddress address() {
        return transport.startsWith("unix")
                ? UnixDomainSocketAddress.of(path)
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }
}
