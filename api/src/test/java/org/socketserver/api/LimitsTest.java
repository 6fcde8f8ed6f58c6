package org.socketserver.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The values of {@link Limits} and {@link WhenFull}: defaults, bounds, copies. */
class LimitsTest {
    private static final PeerRule OFFICE = Network.parse("192.0.2.0/24");
    private static final PeerRule OUTSIDE = Network.parse("203.0.113.0/24");

    @Test
    void theDefaultsAreNoLimitsAndWaiting() {
        Limits limits = ServerOptions.DEFAULTS.limits();
        assertSame(Limits.NONE, limits);
        assertEquals(0, limits.perClient());
        assertEquals(64, limits.perClientPrefix());
        assertEquals(0, limits.acceptRate());
        assertEquals(1_000, limits.handshakes());
        assertSame(WhenFull.WAIT, limits.whenFull());
        assertEquals(List.of(), limits.allowed());
        assertEquals(List.of(), limits.denied());
    }

    @Test
    void eachSetterReturnsACopyWithOneChange() {
        WhenFull busy = WhenFull.answer("busy\n");
        Limits limits = Limits.NONE
                .perClient(2)
                .perClientPrefix(56)
                .acceptRate(3, 4)
                .handshakes(5)
                .whenFull(busy)
                .allow(OFFICE)
                .deny(OUTSIDE);
        for (Limits same : new Limits[] {
            limits,
            limits.perClient(2),
            limits.perClientPrefix(56),
            limits.acceptRate(3, 4),
            limits.handshakes(5),
            limits.whenFull(busy),
            limits.allow(OFFICE),
        }) {
            assertEquals(2, same.perClient());
            assertEquals(56, same.perClientPrefix());
            assertEquals(3, same.acceptRate());
            assertEquals(4, same.acceptBurst());
            assertEquals(5, same.handshakes());
            assertSame(busy, same.whenFull());
            assertEquals(List.of(OFFICE), same.allowed());
            assertEquals(List.of(OUTSIDE), same.denied());
        }
        assertEquals(0, Limits.NONE.perClient());
        ServerOptions options = ServerOptions.DEFAULTS.limits(limits);
        assertSame(limits, options.limits());
    }

    @Test
    void rulesReplaceEarlierRules() {
        assertEquals(List.of(OUTSIDE), Limits.NONE.deny(OFFICE).deny(OUTSIDE).denied());
        assertEquals(List.of(), Limits.NONE.allow(OFFICE).allow().allowed());
    }

    static Stream<Arguments> rejected() {
        return Stream.of(
                rejected(
                        () -> Limits.NONE.perClient(-1),
                        "perClient is -1 requests; it must be from 0 to 1000000 requests"),
                rejected(
                        () -> Limits.NONE.perClient(1_000_001),
                        "perClient is 1000001 requests; it must be from 0 to 1000000 requests"),
                rejected(
                        () -> Limits.NONE.perClientPrefix(0),
                        "perClientPrefix is 0 bits; it must be from 1 to 128 bits"),
                rejected(
                        () -> Limits.NONE.perClientPrefix(129),
                        "perClientPrefix is 129 bits; it must be from 1 to 128 bits"),
                rejected(
                        () -> Limits.NONE.acceptRate(-1, 1),
                        "acceptRate is -1 requests a second; it must be from 0 to 1000000 requests a second"),
                rejected(
                        () -> Limits.NONE.acceptRate(1_000_001, 1),
                        "acceptRate is 1000001 requests a second; it must be from 0 to 1000000 requests a second"),
                rejected(
                        () -> Limits.NONE.acceptRate(1, 0),
                        "burst is 0 requests; it must be from 1 to 1000000 requests"),
                rejected(
                        () -> Limits.NONE.acceptRate(1, 1_000_001),
                        "burst is 1000001 requests; it must be from 1 to 1000000 requests"),
                rejected(
                        () -> Limits.NONE.handshakes(0),
                        "handshakes is 0 connections; it must be from 1 to 1000000 connections"),
                rejected(
                        () -> Limits.NONE.handshakes(1_000_001),
                        "handshakes is 1000001 connections; it must be from 1 to 1000000 connections"),
                rejected(
                        () -> WhenFull.answer(""),
                        "the answer when full has 0 bytes; it must have from 1 to 4096 bytes"),
                rejected(
                        () -> WhenFull.answer(new byte[4_097]),
                        "the answer when full has 4097 bytes; it must have from 1 to 4096 bytes"));
    }

    private static Arguments rejected(Executable call, String message) {
        return Arguments.of(call, message);
    }

    @ParameterizedTest
    @MethodSource("rejected")
    void aValueOutOfBoundsIsRejectedWithValueBoundsAndUnit(Executable call, String message) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void theBoundsThemselvesAreAccepted() {
        assertEquals(1_000_000, Limits.NONE.perClient(1_000_000).perClient());
        assertEquals(1, Limits.NONE.perClientPrefix(1).perClientPrefix());
        assertEquals(128, Limits.NONE.perClientPrefix(128).perClientPrefix());
        assertEquals(1_000_000, Limits.NONE.acceptRate(1_000_000, 1_000_000).acceptBurst());
        assertEquals(0, Limits.NONE.acceptRate(0, 1).acceptRate());
        assertEquals(4_096, WhenFull.answer(new byte[4_096]).answer().length);
    }

    @Test
    void anAnswerIsACopyAndTextIsEncodedAsUtf8() {
        byte[] bytes = {1, 2, 3};
        WhenFull answer = WhenFull.answer(bytes);
        bytes[0] = 9;
        assertArrayEquals(new byte[] {1, 2, 3}, answer.answer());
        assertFalse(answer.waits());
        assertArrayEquals(
                "\u00fcber\n".getBytes(StandardCharsets.UTF_8),
                WhenFull.answer("\u00fcber\n").answer());
    }

    @Test
    void toStringListsAllLimits() {
        assertEquals("wait", WhenFull.WAIT.toString());
        assertTrue(WhenFull.WAIT.waits());
        assertEquals("reject", WhenFull.REJECT.toString());
        assertEquals(0, WhenFull.REJECT.answer().length);
        assertEquals(
                "perClient 2, perClientPrefix 64, acceptRate 3 burst 4, handshakes 1000, whenFull answer 5 bytes,"
                        + " allow [192.0.2.0/24], deny []",
                Limits.NONE
                        .perClient(2)
                        .acceptRate(3, 4)
                        .whenFull(WhenFull.answer("busy\n"))
                        .allow(OFFICE)
                        .toString());
        assertEquals("per client", Rejection.PER_CLIENT.toString());
    }
}
