package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class UnixAddressTest {
    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void anAddressIsAPathAnAbstractNameOrUnnamed() {
        UnixAddress path = UnixAddress.parse("/run/a.sock");
        assertEquals(UnixAddress.path(Path.of("/run/a.sock")), path);
        assertEquals(Optional.of(Path.of("/run/a.sock")), path.path());
        assertEquals(Optional.empty(), path.abstractName());
        assertEquals("/run/a.sock", path.toString());
        UnixAddress name = UnixAddress.parse("@a b");
        assertEquals(UnixAddress.abstractName("a b"), name);
        assertEquals(Optional.of("a b"), name.abstractName());
        assertEquals(Optional.empty(), name.path());
        assertEquals("@a b", name.toString());
        assertFalse(name.isUnnamed());
        UnixAddress unnamed = UnixAddress.unnamed();
        assertTrue(unnamed.isUnnamed());
        assertEquals(Optional.empty(), unnamed.path());
        assertEquals(Optional.empty(), unnamed.abstractName());
        assertEquals("unnamed", unnamed.toString());
        assertEquals(name.hashCode(), UnixAddress.abstractName("a b").hashCode());
        assertNotEquals(UnixAddress.parse("a b"), name);
    }

    @Test
    void addressesThatAreTooLongAreRefusedWithTheirSizeAndTheBound() {
        String longest = "x".repeat(107);
        assertEquals(longest, UnixAddress.parse(longest).toString());
        assertRefused(
                "the path " + longest + "x has 108 bytes; a Unix socket allows at most 107",
                () -> UnixAddress.parse(longest + "x"));
        assertEquals("@" + longest, UnixAddress.parse("@" + longest).toString());
        assertRefused(
                "the abstract name " + longest + "x has 108 bytes; a Unix socket allows at most 107",
                () -> UnixAddress.parse("@" + longest + "x"));
        assertRefused(
                "the abstract name \u20ac" + longest.substring(2) + " has 108 bytes; a Unix socket allows at most 107",
                () -> UnixAddress.abstractName("\u20ac" + longest.substring(2)));
        assertRefused(
                "the path of a server " + longest + " has 107 bytes; a Unix socket allows at most 106",
                () -> new UnixStreamServer(UnixAddress.parse(longest), request -> {}));
    }

    @Test
    void addressesThatNoServerCanHaveAreRefused() {
        assertRefused("the path is empty", () -> UnixAddress.parse(""));
        assertRefused("the abstract name is empty", () -> UnixAddress.parse("@"));
        assertRefused("the abstract name x\\u0000 ends with NUL", () -> UnixAddress.abstractName("x\0"));
        assertRefused(
                "a server can't have the unnamed address",
                () -> new UnixDatagramServer(UnixAddress.unnamed(), request -> {}));
    }

    @Test
    void thePaddingOfAReceivedAddressIsTakenAway() {
        byte[] padded = Arrays.copyOf("\0peer".getBytes(StandardCharsets.UTF_8), 108);
        assertEquals(UnixAddress.abstractName("peer"), UnixAddress.ofKernel(padded));
        assertEquals(UnixAddress.unnamed(), UnixAddress.ofKernel(new byte[108]));
        assertEquals(UnixAddress.unnamed(), UnixAddress.ofReceived(Path.of("")));
    }

    @Test
    void controlCharactersOfPeersDoNotReachLogs() {
        assertEquals("@a\\u001b[2Jb", UnixAddress.abstractName("a\u001b[2Jb").toString());
    }
}
