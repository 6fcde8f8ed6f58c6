package org.socketserver.examples.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.socketserver.examples.demos.ChatRoom;
import org.socketserver.examples.demos.EchoConsole;
import org.socketserver.examples.demos.Fragile;
import org.socketserver.examples.demos.Shout;
import org.socketserver.examples.demos.StartTls;
import org.socketserver.examples.demos.UdpEcho;
import org.socketserver.examples.demos.UnixEcho;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Runs the {@code main} method of a demo. */
@Command(
        name = "demo",
        resourceBundle = "org.socketserver.examples.cli.demo",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class DemoCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "NAME")
    @SuppressWarnings("NullAway.Init")
    private Demo demo;

    @Parameters(index = "1", arity = "0..1", paramLabel = "ADDRESS")
    private @Nullable String address;

    @Parameters(index = "2", arity = "0..1", paramLabel = "CERTIFICATE")
    private @Nullable String certificate;

    @Parameters(index = "3", arity = "0..1", paramLabel = "KEY")
    private @Nullable String key;

    @Override
    public Integer call() throws IOException {
        boolean hasTls = demo == Demo.CHAT_TLS || demo == Demo.START_TLS;
        if (hasTls ? key == null : certificate != null) {
            throw new IllegalArgumentException(
                    hasTls
                            ? demo + " needs ADDRESS CERTIFICATE KEY; this makes both files for localhost: openssl req"
                                    + " -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"
                                    + " -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
                                    + " -keyout server.key -out server.pem"
                            : demo + " has no TLS, so it needs no certificate");
        }
        String[] args =
                Stream.of(address, certificate, key).flatMap(Stream::ofNullable).toArray(String[]::new);
        switch (demo) {
            case UDP_ECHO -> UdpEcho.main(args);
            case UNIX_ECHO -> UnixEcho.main(args);
            case SHOUT -> Shout.main(args);
            case CONSOLE -> EchoConsole.main(args);
            case CHAT, CHAT_TLS -> ChatRoom.main(args);
            case START_TLS -> StartTls.main(args);
            case FRAGILE -> Fragile.main(args);
        }
        return 0;
    }

    /** The demos. */
    enum Demo {
        UDP_ECHO,
        UNIX_ECHO,
        SHOUT,
        CONSOLE,
        CHAT,
        CHAT_TLS,
        START_TLS,
        FRAGILE;

        /** Returns the name on the command line. */
        @Override
        public String toString() {
            return TextValues.word(this);
        }
    }
}
