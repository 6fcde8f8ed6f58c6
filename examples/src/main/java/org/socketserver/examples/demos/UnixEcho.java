package org.socketserver.examples.demos;

import java.io.IOException;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.unix.UnixStreamServer;

/** Sends every byte back, over a Unix socket. */
public final class UnixEcho extends StreamRequestHandler {
    @Override
    public void handle() throws IOException {
        input().transferTo(output());
    }

    /** Serves at the first argument, a path or {@code @name}, until the process is killed. */
    public static void main(String... args) throws IOException {
        String standard = System.getProperty("java.io.tmpdir") + "/socketserver-echo.sock";
        try (var server = new UnixStreamServer(args.length > 0 ? args[0] : standard, UnixEcho.class)) {
            server.mixIn(new ThreadingMixIn());
            server.bind();
            System.out.println("ready " + server.name());
            server.serveForever();
        }
    }
}
