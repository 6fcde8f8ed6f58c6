package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.server.TransportProvider;
import picocli.CommandLine.TypeConversionException;

class TextValuesTest {
    @ParameterizedTest
    @CsvSource({"500ms,500", "5s,5000", "2m,120000", "1h,3600000", "7,7000", "0.5s,500", "0,0"})
    void theDefaultUnitOfTimesIsSeconds(String text, long millis) {
        assertEquals(Duration.ofMillis(millis), TextValues.duration(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5x", "-1s", "s", "1 s", "1d"})
    void anInvalidTimeIsRejected(String text) {
        assertThrows(TypeConversionException.class, () -> TextValues.duration(text));
    }

    @ParameterizedTest
    @CsvSource({"660,rw-rw----", "0600,rw-------", "751,rwxr-x--x", "000,---------"})
    void modesAreParsedAsByChmod(String text, String permissions) {
        assertEquals(PosixFilePermissions.fromString(permissions), TextValues.mode(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "66", "888", "1777", "rw-"})
    void anInvalidModeIsRejected(String text) {
        assertThrows(IllegalArgumentException.class, () -> TextValues.mode(text));
    }

    @ParameterizedTest
    @CsvSource({"wait,wait", "reject,reject", "answer:busy,answer 5 bytes", "answer:b\u00fcsy now,answer 10 bytes"})
    void whenFullIsParsedAndAnAnswerGetsALineEnd(String text, String meaning) {
        assertEquals(meaning, TextValues.whenFull(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "answer", "answer:", "close", "WAIT"})
    void anInvalidWhenFullIsRejected(String text) {
        assertThrows(IllegalArgumentException.class, () -> TextValues.whenFull(text));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,10.0.0.0/8,tcp udp",
        "::1,::1/128,tcp udp",
        "user:root,user root,unix",
        "user:0,user 0,unix",
        "group:0,group 0,unix"
    })
    void rulesAreParsedOnTheTransportsThatSupportThem(String text, String rule, String transports) {
        for (TransportProvider<?> transport : TransportProvider.all()) {
            if (List.of(transports.split(" ")).contains(transport.scheme())) {
                assertEquals(rule, TextValues.peers(List.of(text), transport, List.of(transport))[0].toString());
            } else {
                assertThrows(
                        IllegalArgumentException.class,
                        () -> TextValues.peers(List.of(text), transport, List.of(transport)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "10.0.0.1/8", "user:", "user:no such user", "group:no such group", "root"})
    void anInvalidRuleIsRejected(String text) {
        for (TransportProvider<?> transport : TransportProvider.all()) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> TextValues.peers(List.of(text), transport, List.of(transport)));
        }
    }
}
