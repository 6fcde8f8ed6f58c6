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

/** Runs a demo: the same as its {@code main}. */
@Command(
        name = "demo",
        description = {
            "Runs one of the demos until SIGINT; each is a short source file to copy, in the package demos.",
            "  udp-echo   packets back, UDP                          127.0.0.1:8088",
            "  unix-echo  bytes back, Unix socket                    socketserver-echo.sock",
            "  shout      lines back in capitals, TCP                127.0.0.1:8087",
            "  console    bytes back, TCP, operator's console        127.0.0.1:8089",
            "  chat       a chat room, TCP                           127.0.0.1:8090",
            "  fragile    dies when told to, TCP, worker processes   127.0.0.1:8091",
            "The socket file is in the temporary folder."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
final class DemoCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "NAME",
            converter = OfDemo.class,
            completionCandidates = OfDemo.class,
            description = "${COMPLETION-CANDIDATES}")
    @SuppressWarnings("NullAway.Init")
    private Demo demo;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "ADDRESS",
            description = "HOST:PORT, or for unix-echo a path or @NAME. Default: as above")
    private @Nullable String address;

    @Override
    public Integer call() throws IOException, InterruptedException {
        demo.program.main(address == null ? new String[0] : new String[] {address});
        if (demo == Demo.CHAT) {
            // The room goes on by itself; returning would end the process.
            Thread.currentThread().join();
        }
        return 0;
    }

    /** The demos. */
    enum Demo {
        UDP_ECHO(UdpEcho::main),
        UNIX_ECHO(UnixEcho::main),
        SHOUT(Shout::main),
        CONSOLE(EchoConsole::main),
        CHAT(ChatRoom::main),
        FRAGILE(Fragile::main);

        private final Program program;

        Demo(Program program) {
            this.program = program;
        }
    }

    /** A main method. */
    private interface Program {
        void main(String... args) throws IOException;
    }

    /** The name of a demo. */
    static final class OfDemo extends Choice<Demo> {
        OfDemo() {
            super("demo", Demo.values(), Choice::word);
        }
    }
}
