package org.socketserver.examples.cli;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Talks to a server: sends standard input, and prints answers to standard output. */
@Command(
        name = "talk",
        resourceBundle = "org.socketserver.examples.cli.talk",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        exitCodeOnExecutionException = 70)
final class TalkCommand implements Callable<Integer> {
    /** How often to check whether the input has ended or the time-out has elapsed. */
    private static final Duration TICK = Duration.ofMillis(20);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            arity = "1..2",
            paramLabel = "ADDRESS",
            descriptionKey = "ADDRESS",
            completionCandidates = Place.Transports.class)
    private List<String> words = List.of();

    private Transport transport = Transport.TCP;

    @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "5s")
    @SuppressWarnings("NullAway.Init")
    private Duration timeout;

    @Option(names = "--tls")
    private boolean tls;

    @Option(names = "--insecure")
    private boolean insecure;

    @Option(names = "--ca", paramLabel = "FILE")
    private @Nullable Path ca;

    @Override
    public Integer call() throws IOException, GeneralSecurityException {
        // Neither this nor System.in is closed: both belong to the process.
        OutputStream answers = new FileOutputStream(FileDescriptor.out);
        Place place = Place.of(words);
        transport = place.knownTransport();
        Client client = Client.connect(transport, place.address(), trust(), timeout);
        try (client) {
            if (transport.isStream()) {
                talkOverStream(client, answers);
            } else {
                talkInPackets(client, answers);
            }
            return 0;
        } catch (IOException failure) {
            String what = failure instanceof SocketTimeoutException ? "" : "connection lost: ";
            spec.commandLine().getErr().println(spec.qualifiedName() + ": " + what + failure.getMessage());
            return 1;
        }
    }

    /** Returns the certificates to accept, or null without TLS. */
    private @Nullable Trust trust() throws IOException, GeneralSecurityException {
        if (!tls && (insecure || ca != null)) {
            throw new IllegalArgumentException((insecure ? "--insecure" : "--ca") + " has no meaning without --tls");
        }
        if (insecure && ca != null) {
            throw new IllegalArgumentException("--insecure and --ca exclude each other");
        }
        if (tls && !transport.isStream()) {
            throw new IllegalArgumentException("--tls is for tcp and unix, not for " + transport);
        }
        if (insecure) {
            return Trust.ofEverybody(spec.commandLine().getErr()::println);
        }
        return tls ? Trust.of(ca) : null;
    }

    /**
     * Receives on this thread and sends on a daemon thread. A read from a terminal cannot be interrupted, so the daemon
     * thread is abandoned if the server closes the connection first.
     */
    private void talkOverStream(Client client, OutputStream answers) throws IOException {
        Thread sender = new Thread(() -> sendInput(client), "talk");
        sender.setDaemon(true);
        sender.start();
        long lastActivity = System.nanoTime();
        while (true) {
            boolean isWaiting = sender.isAlive();
            Optional<byte[]> bytes = client.receive(TICK);
            if (bytes.isPresent()) {
                answers.write(bytes.get());
                if (bytes.get().length == 0) {
                    return;
                }
            }
            if (bytes.isPresent() || isWaiting) {
                lastActivity = System.nanoTime();
            } else if (System.nanoTime() - lastActivity >= timeout.toNanos()) {
                throw new SocketTimeoutException(
                        "the server sent nothing for " + timeout.toMillis() + " ms, and did not end the connection");
            }
        }
    }

    private static void sendInput(Client client) {
        byte[] buffer = new byte[8192];
        try {
            for (int count = System.in.read(buffer); count >= 0; count = System.in.read(buffer)) {
                client.send(Arrays.copyOf(buffer, count));
            }
            client.endOutput();
        } catch (IOException failure) {
            // The receiving thread reports the reason.
        }
    }

    /** Sends each line with its end and waits for an answer. Additional packets are printed after the answer. */
    private void talkInPackets(Client client, OutputStream answers) throws IOException {
        // One character per byte, so that all bytes stay unchanged.
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.ISO_8859_1));
        int sent = 0;
        int unanswered = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            client.send((line + "\n").getBytes(StandardCharsets.ISO_8859_1));
            sent++;
            Optional<byte[]> answer = client.receive(timeout);
            unanswered += answer.isEmpty() ? 1 : 0;
            while (answer.isPresent()) {
                byte[] bytes = answer.get();
                answers.write(bytes);
                if (bytes.length == 0 || bytes[bytes.length - 1] != '\n') {
                    answers.write('\n');
                }
                answer = client.receive(Duration.ZERO);
            }
        }
        if (unanswered > 0) {
            throw new SocketTimeoutException(
                    "no answer in " + timeout.toMillis() + " ms to " + unanswered + " of " + sent + " packets");
        }
    }
}
