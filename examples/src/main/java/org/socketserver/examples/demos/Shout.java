package org.socketserver.examples.demos;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Locale;
import org.socketserver.api.internal.AddressText;
import org.socketserver.examples.servers.HostPort;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/** Sends every line back in capitals. */
public final class Shout extends StreamRequestHandler {
    /** Makes a handler for one connection. */
    public Shout() {}

    @Override
    public void handle() throws IOException {
        for (String line = readLine(); line != null; line = readLine()) {
            writeLine(line.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * Serves until the process is ended.
     *
     * @param args {@code HOST:PORT}; default 127.0.0.1:8087
     * @throws IOException if the address can't be had
     */
    public static void main(String... args) throws IOException {
        InetSocketAddress address = HostPort.parse(args.length > 0 ? args[0] : "127.0.0.1:8087");
        try (var server = new TcpServer(address, Shout.class)) {
            server.mixIn(new ThreadingMixIn());
            server.bind();
            System.out.println("ready tcp " + AddressText.of(server.address()));
            server.serveForever();
        }
    }
}
