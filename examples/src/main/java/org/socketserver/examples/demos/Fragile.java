package org.socketserver.examples.demos;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.socketserver.api.Deadline;
import org.socketserver.api.ServerOptions;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.tcp.TcpServer;

/**
 * A handler that misbehaves on request: {@code exit} exits its process, {@code memory} fills the heap, {@code spin}
 * never
 * returns. Only the client's own connection is lost, because each has its own worker process. Other lines are answered
 * with the worker's process id.
 */
public final class Fragile extends StreamRequestHandler {
    @Override
    public void handle() throws IOException {
        List<byte[]> kept = new ArrayList<>();
        for (String line = readLine(); line != null; line = readLine()) {
            switch (line) {
                case "exit" -> System.exit(3);
                case "memory" -> {
                    while (true) {
                        kept.add(new byte[1024 * 1024]);
                    }
                }
                case "spin" -> {
                    while (true) {
                        Thread.onSpinWait();
                    }
                }
                default -> writeLine(ProcessHandle.current().pid() + " " + line);
            }
        }
    }

    /** Serves at the first argument or 127.0.0.1:8091, until the process is killed. */
    public static void main(String... args) throws IOException {
        String address = args.length > 0 ? args[0] : "127.0.0.1:8091";
        ServerOptions options =
                ServerOptions.DEFAULTS.deadline(Deadline.REQUEST, Duration.ofSeconds(10)); // for handlers that spin
        try (var server = new TcpServer(address, Fragile.class, options)) {
            server.mixIn(new ForkingMixIn().maxChildren(8).workerOption("-Xmx32m"));
            server.bind();
            System.out.println("ready " + server.name());
            server.serveForever();
        }
    }
}
