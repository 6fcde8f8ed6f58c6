package org.socketserver.examples.demos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.internal.AddressText;
import org.socketserver.examples.servers.HostPort;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/**
 * An echo server with an operator: {@code list} shows the requests that are being handled and the threads, {@code quit}
 * stops the server.
 */
public final class EchoConsole {
    private EchoConsole() {}

    private static void echo(StreamRequest request) throws IOException {
        request.input().transferTo(request.output());
    }

    /**
     * Serves until the operator says {@code quit}, or there is no operator any more.
     *
     * @param args {@code HOST:PORT}; default 127.0.0.1:8089
     * @throws IOException if the address can't be had
     */
    public static void main(String... args) throws IOException {
        InetSocketAddress address = HostPort.parse(args.length > 0 ? args[0] : "127.0.0.1:8089");
        try (var server = new TcpServer(address, EchoConsole::echo)) {
            server.mixIn(new ThreadingMixIn());
            server.start();
            System.out.println("ready tcp " + AddressText.of(server.address()));
            var operator = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
            for (String line = ask(operator); line != null && !line.equals("quit"); line = ask(operator)) {
                if (line.equals("list")) {
                    list(server);
                } else if (!line.isEmpty()) {
                    System.out.println("list or quit?");
                }
            }
        }
        System.out.println("stopped");
    }

    private static String ask(BufferedReader operator) throws IOException {
        System.out.print(">>> ");
        System.out.flush();
        String line = operator.readLine();
        return line == null ? "quit" : line.strip();
    }

    private static void list(TcpServer server) {
        System.out.println("requests: " + server.liveRequests().size());
        for (LiveRequest request : server.liveRequests()) {
            System.out.println("  " + request + ", on " + request.thread());
        }
        // Virtual threads are not among them: the requests tell theirs.
        Thread[] threads = new Thread[Thread.activeCount()];
        int count = Thread.enumerate(threads);
        System.out.println("platform threads: " + count);
        for (int index = 0; index < count; index++) {
            System.out.println("  " + threads[index].getName());
        }
    }
}
