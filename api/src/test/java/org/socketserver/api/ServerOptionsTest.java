package org.socketserver.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ServerOptionsTest {
    @Test
    void theDefaultsAreAsDocumented() {
        ServerOptions options = ServerOptions.DEFAULTS;
        assertEquals("", options.name());
        assertEquals(4096, options.backlog());
        assertTrue(options.reuseAddress() || System.getProperty("os.name").startsWith("Windows"));
        assertFalse(options.reusePort());
        assertTrue(options.dualStack());
        assertTrue(options.noDelay());
        assertFalse(options.keepAlive());
        assertEquals(0, options.receiveBufferSize());
        assertEquals(0, options.sendBufferSize());
        assertFalse(options.broadcast());
        assertEquals(65_535, options.maxDatagramSize());
        assertFalse(options.deliverTruncated());
        assertEquals(Set.of(), options.socketFileMode());
        assertEquals(Duration.ZERO, options.acceptTimeout());
        assertEquals(Duration.ofMillis(500), options.pollInterval());
        assertEquals(Duration.ZERO, options.deadline(Deadline.READ));
        assertEquals(Duration.ofSeconds(30), options.deadline(Deadline.WRITE));
        assertEquals(Duration.ofSeconds(5), options.grace());
    }

    @Test
    void aCopyKeepsEveryOption() {
        ServerOptions options = ServerOptions.DEFAULTS
                .name("n")
                .backlog(1)
                .reuseAddress(false)
                .reusePort(true)
                .dualStack(false)
                .noDelay(false)
                .keepAlive(true)
                .receiveBufferSize(2)
                .sendBufferSize(3)
                .broadcast(true)
                .maxDatagramSize(4)
                .deliverTruncated(true)
                .socketFileMode(PosixFilePermissions.fromString("rw-------"))
                .acceptTimeout(Duration.ofMillis(5))
                .pollInterval(Duration.ofMillis(6))
                .deadline(Deadline.READ, Duration.ofMillis(7))
                .deadline(Deadline.WRITE, Duration.ofMillis(8))
                .grace(Duration.ofMillis(9));
        for (ServerOptions same : new ServerOptions[] {options, options.shutdownHook(false)}) {
            assertEquals("n", same.name());
            assertEquals(1, same.backlog());
            assertFalse(same.reuseAddress());
            assertTrue(same.reusePort());
            assertFalse(same.dualStack());
            assertFalse(same.noDelay());
            assertTrue(same.keepAlive());
            assertEquals(2, same.receiveBufferSize());
            assertEquals(3, same.sendBufferSize());
            assertTrue(same.broadcast());
            assertEquals(4, same.maxDatagramSize());
            assertTrue(same.deliverTruncated());
            assertEquals(PosixFilePermissions.fromString("rw-------"), same.socketFileMode());
            assertEquals(Duration.ofMillis(5), same.acceptTimeout());
            assertEquals(Duration.ofMillis(6), same.pollInterval());
            assertEquals(Duration.ofMillis(7), same.deadline(Deadline.READ));
            assertEquals(Duration.ofMillis(8), same.deadline(Deadline.WRITE));
            assertEquals(Duration.ofMillis(9), same.grace());
        }
    }

    static Stream<Arguments> refused() {
        ServerOptions options = ServerOptions.DEFAULTS;
        Duration negative = Duration.ofMillis(-1);
        return Stream.of(
                refused(() -> options.backlog(0), "backlog is 0 connections; it must be from 1 to 65535 connections"),
                refused(
                        () -> options.backlog(65_536),
                        "backlog is 65536 connections; it must be from 1 to 65535 connections"),
                refused(
                        () -> options.receiveBufferSize(-1),
                        "receiveBufferSize is -1 bytes; it must be from 0 to 1073741824 bytes"),
                refused(
                        () -> options.sendBufferSize(-1),
                        "sendBufferSize is -1 bytes; it must be from 0 to 1073741824 bytes"),
                refused(
                        () -> options.maxDatagramSize(0),
                        "maxDatagramSize is 0 bytes; it must be from 1 to 16777216 bytes"),
                refused(() -> options.acceptTimeout(negative), "acceptTimeout is -1 ms; it must be 0 ms or more"),
                refused(() -> options.pollInterval(Duration.ZERO), "pollInterval is 0 ms; it must be 1 ms or more"),
                refused(
                        () -> options.pollInterval(Duration.ofNanos(100)),
                        "pollInterval is 0.0001 ms; it must be 1 ms or more"),
                refused(
                        () -> options.pollInterval(Duration.ofNanos(999_999)),
                        "pollInterval is 0.999999 ms; it must be 1 ms or more"),
                refused(
                        () -> options.stuckAfter(Duration.ofNanos(-1)),
                        "stuckAfter is -0.000001 ms; it must be 0 ms or more"),
                refused(() -> options.grace(Duration.ofNanos(-1_500_000)), "grace is -1.5 ms; it must be 0 ms or more"),
                refused(
                        () -> options.grace(Duration.ofSeconds(Long.MIN_VALUE)),
                        "grace is -9223372036854775808000 ms; it must be 0 ms or more"),
                refused(
                        () -> options.deadline(Deadline.READ, negative),
                        "the deadline read is -1 ms; it must be 0 ms or more"),
                refused(
                        () -> options.deadline(Deadline.WRITE, negative),
                        "the deadline write is -1 ms; it must be 0 ms or more"),
                refused(
                        () -> options.deadline(Deadline.IDLE, Duration.ofNanos(500_000)),
                        "the deadline idle is 0.5 ms; it must be 1 ms or more"),
                refused(() -> options.grace(negative), "grace is -1 ms; it must be 0 ms or more"));
    }

    private static Arguments refused(Executable call, String message) {
        return Arguments.of(call, message);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void aValueOutOfBoundsIsRejectedWithValueBoundsAndUnit(Executable call, String message) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
