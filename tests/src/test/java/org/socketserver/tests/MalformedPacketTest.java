package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.mixins.MalformedTextException;

/** Malformed text in packets is handled as the handler configures, on every datagram transport. */
@EachDatagramWay
class MalformedPacketTest extends ServingTest {
    private static final byte[] PACKET = "a\u00ffb\u00c3".getBytes(StandardCharsets.ISO_8859_1);

    /** Echoes the text and replaces malformed bytes. */
    static class Replacing extends DatagramRequestHandler {
        @Override
        public void handle() throws IOException {
            write(text());
        }
    }

    /** Drops malformed bytes. */
    static final class Dropping extends Replacing {
        @Override
        protected CodingErrorAction malformedText() {
            return CodingErrorAction.IGNORE;
        }
    }

    /** Throws on malformed bytes. */
    static final class Strict extends Replacing {
        @Override
        protected CodingErrorAction malformedText() {
            return CodingErrorAction.REPORT;
        }
    }

    private static void assertText(String expected, DatagramClient client) throws IOException {
        client.send(PACKET);
        assertArrayEquals(expected.getBytes(StandardCharsets.UTF_8), client.receivePacket());
    }

    @Test
    void malformedBytesAreReplacedByDefault() throws Exception {
        assertText("a\ufffdb\ufffd", packets(started(Replacing.class)));
    }

    @Test
    void malformedBytesAreDroppedIfConfigured() throws Exception {
        assertText("ab", packets(started(Dropping.class)));
    }

    @Test
    void malformedBytesEndOnlyTheirRequestIfConfigured() throws Exception {
        BaseServer<?> server = started(Strict.class);
        DatagramClient client = packets(server);
        client.send(PACKET);
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertThrown(
                MalformedTextException.class,
                "1 byte at offset 1 is not UTF-8",
                end.failure().orElseThrow());
        assertEquals(0, end.bytesOut());
        assertTrue(log.messages(Level.WARNING).isEmpty(), "malformed input is not the server's error");
        assertEquals("gr\u00fcn", client.ask("gr\u00fcn"));
    }
}
