package org.socketserver.tests;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import org.socketserver.api.RequestListener;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;
import org.socketserver.unix.UnixStreamServer;

/**
 * A program that serves and does nothing about signals: a server without a mix-in over TCP, and one with threads over a
 * Unix socket at the path of the first argument. Prints the port when both serve. The second argument says
 * how they end with the JVM.
 */
final class HookedServers {
    private HookedServers() {}

    /**
     * Answers lines in capitals; exits on {@code exit}, closes its server on {@code close}, and begins a request that
     * lasts on {@code sleep}.
     */
    static final class Shout extends StreamRequestHandler {
        @Override
        public void handle() throws Exception {
            for (String line = readLine(); line != null; line = readLine()) {
                if (line.equals("exit")) {
                    System.exit(7);
                }
                if (line.equals("close")) {
                    new Thread(((BaseServer<?>) server())::close).start();
                }
                if (line.equals("sleep")) {
                    writeLine("sleeping");
                    Thread.sleep(100_000);
                }
                writeLine(line.toUpperCase(Locale.ROOT));
            }
        }
    }

    private static void serveLate() {
        try (TcpServer late = new TcpServer("127.0.0.1:0", Shout.class)) {
            late.start();
            System.out.println(late.isReady() ? "late" : "not ready");
        } catch (IOException | RuntimeException failure) {
            System.out.println(failure);
        }
    }

    public static void main(String[] args) throws Exception {
        String mode = args[1];
        boolean hook = mode.equals("hook") || mode.endsWith(" exits");
        ServerOptions options =
                ServerOptions.DEFAULTS.grace(Duration.ofSeconds(60)).shutdownHook(hook);
        // Serves once more while the servers are closed.
        Runtime.getRuntime().addShutdownHook(new Thread(HookedServers::serveLate));
        BaseServer<?> unix = new UnixStreamServer(args[0], Shout.class, options);
        unix.mixIn(new ThreadingMixIn());
        if (mode.equals("own hook")) {
            Runtime.getRuntime().addShutdownHook(new Thread(unix::close));
        }
        if (mode.equals("layer exits")) {
            unix.layer(below -> {
                System.exit(8);
                return below;
            });
        }
        if (mode.equals("listener exits")) {
            unix.listener(new RequestListener() {
                @Override
                public void stateChanged(ServerState state) {
                    if (state == ServerState.CLOSED) {
                        System.exit(9);
                    }
                }
            });
        }
        unix.start();
        try (TcpServer tcp = new TcpServer("127.0.0.1:0", Shout.class, options)) {
            tcp.bind();
            System.out.println(tcp.address().getPort());
            tcp.serveForever();
        }
    }
}
