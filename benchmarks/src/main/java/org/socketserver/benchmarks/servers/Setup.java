package org.socketserver.benchmarks.servers;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/**
 * The arguments of a server: {@code KIND TRANSPORT HANDLER BUFFER [PATH]}.
 *
 * @param kind the variant of this server
 * @param transport {@code tcp}, {@code tls}, {@code udp}, {@code unix} or {@code unixdgram}
 * @param line true to answer one line and close the connection, false to send back all input
 * @param buffer size of the read buffer, in bytes
 * @param path path of the Unix socket, or of the PEM file with key and certificate
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

    /** Writes the port to standard output; called when clients can connect. */
    static void announcePort(int port) {
        System.out.println("port " + port);
        System.out.flush();
    }

    /** Writes the path to standard output; called when clients can connect. */
    static void announcePath(Path path) {
        System.out.println("path " + path);
        System.out.flush();
    }

    UnsupportedOperationException unknown() {
        return new UnsupportedOperationException(kind + " over " + transport);
    }

    /** Returns the address to bind: the path of a Unix socket, otherwise port 0 of the loopback address. */
    SocketAddress address() {
        return transport.startsWith("unix")
                ? UnixDomainSocketAddress.of(path)
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }
}
