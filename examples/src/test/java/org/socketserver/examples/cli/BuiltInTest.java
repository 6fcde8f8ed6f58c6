package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.MixIn;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.ThreadingMixIn;

class BuiltInTest {
    private static final Logger LOG = Logger.getLogger("org.socketserver");

    @TempDir
    private Path folder;

    private final CompletableFuture<RequestEnd> firstEnd = new CompletableFuture<>();

    @BeforeAll
    static void disableLog() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void enableLog() {
        LOG.setLevel(null);
    }

    private BaseServer<?> start(Transport transport, BuiltIn handler) throws IOException {
        return start(transport, handler, new ThreadingMixIn());
    }

    private BaseServer<?> start(Transport transport, BuiltIn handler, MixIn mixIn) throws IOException {
        String address = transport.isUnix() ? folder.resolve("s").toString() : "127.0.0.1:0";
        BaseServer<?> server = transport.server(address, handler.handlerClass(), ServerOptions.DEFAULTS);
        server.mixIn(mixIn);
        server.listener(new RequestListener() {
            @Override
            public void requestStopped(Request request, RequestEnd end) {
                firstEnd.complete(end);
            }
        });
        server.start();
        return server;
    }

    private static Client connect(Transport transport, BaseServer<?> server) throws IOException {
        return Client.connect(transport, AddressText.of(server.address()));
    }

    /** Sends the text, ends the output, and returns the answer: a whole stream or one packet. */
    private static String exchange(Transport transport, Client client, String text) throws IOException {
        client.send(text.getBytes(StandardCharsets.UTF_8));
        client.endOutput();
        StringBuilder answer = new StringBuilder();
        for (byte[] more = receive(client); more.length > 0; more = receive(client)) {
            answer.append(new String(more, StandardCharsets.UTF_8));
            if (!transport.isStream()) {
                break;
            }
        }
        return answer.toString();
    }

    private static byte[] receive(Client client) throws IOException {
        return client.receive(Client.PATIENCE).orElseThrow();
    }

    private void assertAnswers(Transport transport, BuiltIn handler, String sent, String answer) throws IOException {
        try (BaseServer<?> server = start(transport, handler);
                Client client = connect(transport, server)) {
            assertEquals(answer, exchange(transport, client, sent));
        }
    }

    @ParameterizedTest
    @EnumSource
    void echoSendsTheBytesBack(Transport transport) throws IOException {
        assertAnswers(transport, BuiltIn.ECHO, "one\ntwo without end", "one\ntwo without end");
    }

    @ParameterizedTest
    @EnumSource
    void lineSendsOneLineBack(Transport transport) throws IOException {
        assertAnswers(transport, BuiltIn.LINE, "one\ntwo\n", "one\n");
    }

    @ParameterizedTest
    @EnumSource
    void upperSendsEveryLineBackInCapitals(Transport transport) throws IOException {
        assertAnswers(transport, BuiltIn.UPPER, "one\ntwo", "ONE\nTWO\n");
    }

    @ParameterizedTest
    @EnumSource
    void pidAnswersEveryLineWithTheProcessId(Transport transport) throws IOException {
        long pid = ProcessHandle.current().pid();
        assertAnswers(transport, BuiltIn.PID, "who\nare you\n", pid + "\n" + pid + "\n");
    }

    @ParameterizedTest
    @EnumSource
    void handlersAnswerTheSameInWorkerProcesses(Transport transport) throws IOException {
        assertAnswersInWorkers(transport, BuiltIn.ECHO, "one\ntwo", "one\ntwo");
        assertAnswersInWorkers(transport, BuiltIn.LINE, "one\ntwo\n", "one\n");
        assertAnswersInWorkers(transport, BuiltIn.UPPER, "one\ntwo", "ONE\nTWO\n");
        assertAnswersInWorkers(transport, BuiltIn.SLEEP, "1\n", "1\n");
    }

    private void assertAnswersInWorkers(Transport transport, BuiltIn handler, String sent, String answer)
            throws IOException {
        try (BaseServer<?> server = start(transport, handler, new ForkingMixIn().minIdle(0));
                Client client = connect(transport, server)) {
            assertEquals(answer, exchange(transport, client, sent));
        }
    }

    @ParameterizedTest
    @EnumSource
    void sleepAnswersAfterTheGivenTime(Transport transport) throws IOException {
        long began = System.nanoTime();
        assertAnswers(transport, BuiltIn.SLEEP, "30\n20\n", "30\n20\n");
        assertTrue(System.nanoTime() - began >= TimeUnit.MILLISECONDS.toNanos(50));
    }

    @ParameterizedTest
    @EnumSource
    void sleepFailsIfTheLineIsNotANumber(Transport transport) throws Exception {
        try (BaseServer<?> server = start(transport, BuiltIn.SLEEP);
                Client client = connect(transport, server)) {
            assertNotAnswered(transport, client, "a while");
            assertEquals(
                    "'a while' is not a number of milliseconds",
                    firstEnd.get(20, TimeUnit.SECONDS).failure().orElseThrow().getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource
    void failThrowsAtTheFirstLine(Transport transport) throws Exception {
        try (BaseServer<?> server = start(transport, BuiltIn.FAIL);
                Client client = connect(transport, server)) {
            assertNotAnswered(transport, client, "now");
            RequestEnd end = firstEnd.get(20, TimeUnit.SECONDS);
            assertEquals(RequestOutcome.FAILED, end.outcome());
            assertEquals(
                    "failed on purpose at the line now",
                    end.failure().orElseThrow().getMessage());
        }
    }

    private void assertNotAnswered(Transport transport, Client client, String line) throws Exception {
        if (transport.isStream()) {
            assertThrows(EOFException.class, () -> client.ask(line));
        } else {
            client.send((line + "\n").getBytes(StandardCharsets.UTF_8));
            firstEnd.get(20, TimeUnit.SECONDS);
            assertFalse(client.receive(Duration.ZERO).isPresent());
        }
    }
}
