package org.socketserver.tests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;
import org.socketserver.udp.UdpServer;

/**
 * A program with a TCP and a UDP server, both with threads and all limits at their defaults. Prints both ports, then
 * the number of connections ended and datagrams dropped for each line of its input.
 */
final class FloodedServer {
    private FloodedServer() {}

    static final class Shout extends StreamRequestHandler {
        @Override
        public void handle() throws IOException {
            for (String line = readLine(); line != null; line = readLine()) {
                writeLine(line.toUpperCase(Locale.ROOT));
            }
        }
    }

    /** Handles long packets for a long time. */
    static final class Slow extends DatagramRequestHandler {
        @Override
        public void handle() throws Exception {
            if (data().length > 1_000) {
                Thread.sleep(3_000);
            }
            write(text().toUpperCase(Locale.ROOT));
        }
    }

    public static void main(String[] args) throws IOException {
        TcpServer tcp = new TcpServer("127.0.0.1:0", Shout.class);
        UdpServer udp = new UdpServer("127.0.0.1:0", Slow.class);
        tcp.mixIn(new ThreadingMixIn());
        udp.mixIn(new ThreadingMixIn());
        tcp.start();
        udp.start();
        System.out.println(tcp.address().getPort() + " " + udp.address().getPort());
        var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        while (commands.readLine() != null) {
            System.out.println(tcp.stats().overBudget() + " " + udp.stats().overBudget());
        }
    }
}
