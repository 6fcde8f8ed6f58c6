package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.server.BaseServer;
import org.socketserver.examples.CommandProcess;

class TalkProcessTest {
    @TempDir
    private Path folder;

    private BaseServer<?> start(Transport transport, BuiltIn handler) throws IOException {
        String address = transport.isUnix() ? folder.resolve("s").toString() : "127.0.0.1:0";
        BaseServer<?> server = transport.server(address, handler.handlerClass(), ServerOptions.DEFAULTS);
        server.mixIn(Concurrency.THREADING.mixIn());
        server.start();
        return server;
    }

    private long clientFiles() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("socketserver-client-"))
                    .count();
        }
    }

    @ParameterizedTest
    @EnumSource
    void allInputIsAnswered(Transport transport) throws Exception {
        try (BaseServer<?> server = start(transport, BuiltIn.UPPER);
                var talk = CommandProcess.startIn(
                        folder, "talk", transport.toString(), AddressText.of(server.address()))) {
            talk.type("one\ntwo\n\nthree");
            talk.endInput();
            talk.assertEnds(0);
            assertEquals(List.of("ONE", "TWO", "", "THREE"), talk.remainingLines());
            assertEquals("", talk.errors());
        }
        assertEquals(0, clientFiles());
    }

    @ParameterizedTest
    @EnumSource
    void answersArriveWhileTheInputIsOpen(Transport transport) throws Exception {
        try (BaseServer<?> server = start(transport, BuiltIn.UPPER);
                var talk = CommandProcess.startIn(
                        folder,
                        "talk",
                        transport + (transport.isUnix() ? ":" : "://") + AddressText.of(server.address()))) {
            talk.type("one\n");
            assertEquals("ONE", talk.line());
            talk.type("two\n");
            assertEquals("TWO", talk.line());
            talk.endInput();
            talk.assertEnds(0);
        }
    }

    @Test
    void anInterruptedTalkRemovesItsSocketFile() throws Exception {
        try (BaseServer<?> server = start(Transport.UNIX_DATAGRAM, BuiltIn.UPPER);
                var talk = CommandProcess.startIn(folder, "talk", "unix-datagram", AddressText.of(server.address()))) {
            talk.type("one\n");
            assertEquals("ONE", talk.line());
            assertEquals(1, clientFiles());
            talk.signal("INT");
            talk.assertEnds(130);
        }
        assertEquals(0, clientFiles());
    }

    @Test
    void theTalkEndsWhenTheServerClosesTheConnection() throws Exception {
        try (BaseServer<?> server = start(Transport.TCP, BuiltIn.LINE);
                var talk = CommandProcess.startIn(folder, "talk", "tcp", AddressText.of(server.address()))) {
            talk.type("one\n");
            talk.assertEnds(0);
            assertEquals(List.of("one"), talk.remainingLines());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMissingAnswerEndsTheTalkWithStatusOne(Transport transport) throws Exception {
        try (BaseServer<?> server = start(transport, BuiltIn.SLEEP);
                var talk = CommandProcess.startIn(
                        folder, "talk", transport.toString(), AddressText.of(server.address()), "--timeout", "200ms")) {
            talk.type("1500\n");
            talk.endInput();
            talk.assertEnds(1);
            String errors = talk.errors();
            assertEquals(1, errors.lines().count(), errors);
            assertTrue(errors.contains("200 ms"), errors);
        }
    }
}
