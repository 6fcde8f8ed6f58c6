package org.socketserver.examples.demos;

import java.io.IOException;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.udp.UdpServer;

/** Sends every packet back to its sender. */
public final class UdpEcho extends DatagramRequestHandler {
    @Override
    public void handle() throws IOException {
        write(data());
    }

    /** Serves at the first argument or 127.0.0.1:8088, until the process is killed. */
    public static void main(String... args) throws IOException {
        String address = args.length > 0 ? args[0] : "127.0.0.1:8088";
        try (var server = new UdpServer(address, UdpEcho.class)) {
            server.bind();
            System.out.println("ready " + server.name());
            server.serveForever();
        }
    }
}
