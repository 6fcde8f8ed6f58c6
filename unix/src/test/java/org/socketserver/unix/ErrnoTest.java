package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ErrnoTest {
    @Test
    void negativeResultsAreErrorNumbers() {
        assertSame(Errno.ECONNREFUSED, Errno.of(-111));
        assertTrue(Errno.EAGAIN.is(-11));
        assertFalse(Errno.EAGAIN.is(11), "eleven bytes, not an error");
        assertNull(Errno.of(0));
    }

    @Test
    void messagesAreThoseOfStrerrorAndUnknownNumbersStayNumbers() {
        assertEquals("Message too long", Errno.words(-90));
        assertEquals("errno 75", Errno.words(-75));
    }

    @Test
    void theNumbersAreThoseOfTheSystem() throws Exception {
        assumeTrue(System.getProperty("os.name").startsWith("Linux"), "other systems have other numbers");
        List<String> system = Peers.python(
                UnixAddress.unnamed(),
                "import errno\nfor number, name in errno.errorcode.items(): print(f'{name} {-number}')\n");
        List<String> unknown = Stream.of(Errno.values())
                .map(errno -> errno + " " + numberOf(errno))
                .filter(line -> !system.contains(line))
                .toList();
        assertEquals(List.of(), unknown);
    }

    private static long numberOf(Errno errno) {
        long result = -1;
        while (!errno.is(result)) {
            result--;
        }
        return result;
    }
}
