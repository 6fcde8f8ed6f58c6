package org.socketserver.examples.demos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/**
 * An echo server with an operator's prompt. Each message, which is a line or the part of it that has arrived, is logged
 * and answered with {@code address:port text}. A client's {@code quit} ends its connection. The operator's {@code list}
 * prints current requests and threads, and {@code quit} stops the server.
 */
public final class EchoConsole extends StreamRequestHandler {
    private static final System.Logger LOG = System.getLogger("echo");

    @Override
    public void handle() throws IOException {
        // Without the leading slash.
        String client = clientAddress().toString().substring(1);
        Reader messages = new InputStreamReader(input(), StandardCharsets.UTF_8);
        char[] some = new char[8192];
        for (int count = messages.read(some); count >= 0; count = messages.read(some)) {
            for (String text : new String(some, 0, count).lines().toList()) {
                if (text.equals("quit")) {
                    return;
                }
                LOG.log(System.Logger.Level.INFO, "{0} {1}", client, text);
                writeLine(client + " " + text);
            }
        }
    }

    /** Serves at the first argument or 127.0.0.1:8089, until {@code quit} or the end of standard input. */
    public static void main(String... args) throws IOException {
        String address = args.length > 0 ? args[0] : "127.0.0.1:8089";
        try (var server = new TcpServer(address, EchoConsole.class)) {
            server.mixIn(new ThreadingMixIn());
            server.start();
            System.out.println("ready " + server.name());
            operate(server);
        }
        System.out.println("stopped");
    }

    private static void operate(TcpServer server) throws IOException {
        var operator = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
        for (String line = ""; line != null && !line.strip().equals("quit"); line = operator.readLine()) {
            if (line.strip().equals("list")) {
                System.out.println("requests: " + server.liveRequests().size());
                server.liveRequests()
                        .forEach(request -> System.out.println("  " + request + ", on " + request.thread()));
                // Without virtual threads, which are listed with their requests.
                System.out.println(
                        "platform threads: " + Thread.getAllStackTraces().size());
                Thread.getAllStackTraces().keySet().forEach(thread -> System.out.println("  " + thread.getName()));
            } else if (!line.isBlank()) {
                System.out.println("list or quit?");
            }
            System.out.print(">>> ");
            System.out.flush();
        }
    }
}
