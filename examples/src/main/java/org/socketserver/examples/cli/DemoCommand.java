package org.socketserver.examples.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.socketserver.examples.demos.ChatRoom;
import org.socketserver.examples.demos.EchoConsole;
import org.socketserver.examples.demos.Fragile;
import org.socketserver.examples.demos.Shout;
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

    @Override
    public Integer call() throws IOException {
        String[] args = address == null ? new String[0] : new String[] {address};
        switch (demo) {
            case UDP_ECHO -> UdpEcho.main(args);
            case UNIX_ECHO -> UnixEcho.main(args);
            case SHOUT -> Shout.main(args);
            case CONSOLE -> EchoConsole.main(args);
            case CHAT -> ChatRoom.main(args);
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
        FRAGILE;

        /** Returns the name on the command line. */
        @Override
        public String toString() {
            return TextValues.word(this);
        }
    }
}
