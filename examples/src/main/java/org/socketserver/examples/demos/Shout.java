package org.socketserver.examples.demos;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/** Sends text back in capitals as it arrives, without waiting for line ends. Prints each new connection. */
public final class Shout extends StreamRequestHandler {
    @Override
    public void handle() throws IOException {
        // Without the leading slash.
        System.out.println("new connection from " + clientAddress().toString().substring(1));
        // A reader, because the bytes of a character can arrive in two reads.
        Reader text = new InputStreamReader(input(), StandardCharsets.UTF_8);
        char[] some = new char[8192];
        for (int count = text.read(some); count >= 0; count = text.read(some)) {
            write(new String(some, 0, count).toUpperCase(Locale.ROOT));
        }
    }

    /** Serves at the first argument or 127.0.0.1:8087, until the process is killed. */
    public static void main(String... args) throws IOException {
        String address = args.length > 0 ? args[0] : "127.0.0.1:8087";
        try (var server = new TcpServer(address, Shout.class)) {
            server.mixIn(new ThreadingMixIn());
            server.bind();
            System.out.println("ready " + server.name());
            server.serveForever();
        }
    }
}
