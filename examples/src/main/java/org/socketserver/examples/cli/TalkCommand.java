package org.socketserver.examples.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.socketserver.examples.clients.DatagramClient;
import org.socketserver.examples.clients.DatagramTalk;
import org.socketserver.examples.clients.StreamClient;
import org.socketserver.examples.clients.StreamTalk;
import org.socketserver.examples.servers.Transport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Talks to a server: standard input goes there, answers go to standard output. */
@Command(
        name = "talk",
        description = {
            "Sends standard input to a server and prints its answers, until the input has ended and the answers are "
                    + "in.",
            "Over streams the end of the input is told to the server, whose end of the connection ends the talk. "
                    + "Over datagrams each line is a packet, and waits for its answer before the next is sent.",
            "Times are written 500ms, 5s, 2m, 1h; a plain number is seconds."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeOnExecutionException = 70,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all is said and answered",
            "1:the connection was lost, or an answer did not come in time",
            "2:a bad argument, or nobody serves there"
        })
final class TalkCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "TRANSPORT",
            converter = Choice.OfTransport.class,
            completionCandidates = Choice.OfTransport.class,
            description = "${COMPLETION-CANDIDATES}")
    @SuppressWarnings("NullAway.Init")
    private Transport transport;

    @Parameters(
            index = "1",
            paramLabel = "ADDRESS",
            description = "As serve prints it: HOST:PORT, or for Unix sockets a path or @NAME")
    @SuppressWarnings("NullAway.Init")
    private String address;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = DurationText.class,
            description = "Longest wait for an answer: to each packet, or, over streams, for the next bytes once the "
                    + "input has ended. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Duration timeout;

    @Override
    public Integer call() throws IOException {
        // Not closed, nor is System.in: both belong to the process.
        OutputStream answers = new FileOutputStream(FileDescriptor.out);
        if (transport.isStream()) {
            try (StreamClient client = StreamClient.connect(transport, address)) {
                return said(() -> new StreamTalk(client, timeout).run(System.in, answers));
            }
        }
        try (DatagramClient client = DatagramClient.connect(transport, address)) {
            return said(() -> new DatagramTalk(client, timeout).run(System.in, answers));
        }
    }

    private int said(Talk talk) {
        try {
            talk.run();
            return 0;
        } catch (IOException failure) {
            String what = failure instanceof SocketTimeoutException ? "" : "the talk broke off: ";
            spec.commandLine().getErr().println(spec.qualifiedName() + ": " + what + failure.getMessage());
            return 1;
        }
    }

    /** One of the two ways to talk. */
    private interface Talk {
        void run() throws IOException;
    }
}
