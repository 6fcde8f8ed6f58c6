package org.socketserver.examples.demos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;
import org.socketserver.tls.Tls;
import org.socketserver.tls.TlsPeer;

/**
 * A line protocol that begins in plain text and can switch to TLS on the same port, as SMTP and IMAP do: {@code
 * capabilities} lists the commands, {@code starttls} switches, {@code whoami} answers with the client's address and its
 * TLS version, {@code quit} leaves, and other lines are sent back in capitals.
 */
public final class StartTls extends StreamRequestHandler {
    private final Tls tls;

    private StartTls(Tls tls) {
        this.tls = tls;
    }

    @Override
    public void handle() throws IOException {
        for (String line = readLine(); line != null; line = readLine()) {
            Optional<TlsPeer> peer = request().attribute(TlsPeer.class);
            switch (line) {
                case "capabilities" -> writeLine(peer.isPresent() ? "whoami quit" : "starttls whoami quit");
                case "starttls" -> {
                    if (peer.isPresent()) {
                        writeLine("no: already over TLS");
                    } else {
                        writeLine("ok: begin TLS");
                        startTls(tls);
                    }
                }
                case "whoami" -> {
                    // Without the leading slash.
                    String client = clientAddress().toString().substring(1);
                    writeLine(client
                            + peer.map(over -> " over " + over.protocol()).orElse(" in plain text"));
                }
                case "quit" -> {
                    writeLine("bye");
                    return;
                }
                default -> writeLine(line.toUpperCase(Locale.ROOT));
            }
        }
    }

    /** Serves at the first argument, with the certificate and the key in the files of the other two. */
    public static void main(String... args) throws IOException {
        Tls tls = Tls.of(Path.of(args[1]), Path.of(args[2]));
        try (var server = new TcpServer(args[0], () -> new StartTls(tls))) {
            server.mixIn(new ThreadingMixIn());
            server.bind();
            System.out.println("ready " + server.name());
            server.serveForever();
        }
    }
}
