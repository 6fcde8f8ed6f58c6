package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.StreamRequest;
import org.socketserver.examples.handlers.Echo;
import org.socketserver.examples.handlers.Upper;
import org.socketserver.examples.servers.Transport;
import picocli.CommandLine.TypeConversionException;

class ArgumentsTest {
    @ParameterizedTest
    @CsvSource({"500ms,500", "5s,5000", "2m,120000", "1h,3600000", "7,7000", "0.5s,500", "0,0"})
    void timesAreReadWithTheirUnitAndInSecondsWithout(String text, long millis) {
        assertEquals(Duration.ofMillis(millis), new DurationText().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5x", "-1s", "s", "1 s", "1d"})
    void whatIsNoTimeIsRefused(String text) {
        assertThrows(TypeConversionException.class, () -> new DurationText().convert(text));
    }

    @ParameterizedTest
    @CsvSource({"660,rw-rw----", "0600,rw-------", "751,rwxr-x--x", "000,---------"})
    void modesAreReadAsChmodDoes(String text, String permissions) {
        assertEquals(
                PosixFilePermissions.fromString(permissions),
                new OctalMode().convert(text).set());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "66", "888", "1777", "rw-"})
    void whatIsNoModeIsRefused(String text) {
        assertThrows(TypeConversionException.class, () -> new OctalMode().convert(text));
    }

    @ParameterizedTest
    @CsvSource({"wait,wait", "refuse,refuse", "answer:busy,answer 5 bytes", "answer:b\u00fcsy now,answer 10 bytes"})
    void whatHappensWhenFullIsReadAndAnAnswerGetsALineEnd(String text, String meaning) {
        assertEquals(meaning, new WhenFullText().convert(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "answer", "answer:", "close", "WAIT"})
    void whatIsNothingToDoWhenFullIsRefused(String text) {
        assertThrows(TypeConversionException.class, () -> new WhenFullText().convert(text));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,10.0.0.0/8,TCP UDP",
        "::1,::1/128,TCP UDP",
        "user:root,user root,UNIX",
        "user:0,user 0,UNIX",
        "group:0,group 0,UNIX"
    })
    void peersAreReadAndSayWhichTransportsHaveThem(String text, String rule, String transports) {
        PeersText.Peers peers = new PeersText().convert(text);
        assertEquals(rule, peers.rule().toString());
        for (Transport transport : Transport.values()) {
            assertEquals(List.of(transports.split(" ")).contains(transport.name()), peers.isOn(transport));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "10.0.0.1/8", "user:", "user:no such user", "group:no such group", "root"})
    void whoIsNobodyIsRefused(String text) {
        assertThrows(TypeConversionException.class, () -> new PeersText().convert(text));
    }

    private abstract static class Middle<A, B extends Request> extends BaseRequestHandler<B>
            implements java.util.function.Supplier<A> {}

    private abstract static class Far extends Middle<String, DatagramRequest> {}

    private abstract static class Unsaid<R extends StreamRequest> extends Middle<String, R> {}

    private interface Lambda extends RequestHandler<StreamRequest> {}

    @Test
    void theKindOfRequestIsFoundThroughTheWholeAncestry() {
        assertEquals(Optional.of(Request.class), HandledRequest.of(Echo.class));
        assertEquals(Optional.of(StreamRequest.class), HandledRequest.of(Upper.OfStream.class));
        assertEquals(Optional.of(DatagramRequest.class), HandledRequest.of(Upper.OfDatagram.class));
        assertEquals(Optional.of(DatagramRequest.class), HandledRequest.of(Far.class));
        assertEquals(Optional.of(StreamRequest.class), HandledRequest.of(Unsaid.class));
        assertEquals(Optional.of(StreamRequest.class), HandledRequest.of(Lambda.class));
        assertEquals(Optional.empty(), HandledRequest.of(String.class));
    }
}
