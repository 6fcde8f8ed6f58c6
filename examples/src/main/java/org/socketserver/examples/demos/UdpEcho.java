package org.socketserver.examples.demos;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.socketserver.api.internal.AddressText;
import org.socketserver.examples.servers.HostPort;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.udp.UdpServer;

/** Sends every packet back to its sender. */
public final class UdpEcho extends DatagramRequestHandler {
    /** Makes a handler for one packet. */
    public UdpEcho() {}

    @Override
    public void handle() throws IOException {
        write(data());
    }

    /**
     * Serves until the process is ended.
     *
     * @param args {@code HOST:PORT}; default 127.0.0.1:8088
     * @throws IOException if the address can't be had
     */
    public static void main(String... args) throws IOException {
        InetSocketAddress address = HostPort.parse(args.length > 0 ? args[0] : "127.0.0.1:8088");
        try (var server = new UdpServer(address, UdpEcho.class)) {
            server.bind();
            System.out.println("ready udp " + AddressText.of(server.address()));
            server.serveForever();
        }
    }
}
