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
import org.socketserver.api.BaseServer;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.mixins.MalformedTextException;

/** Packets that are no text become what the handler says, on every datagram transport. */
@EachDatagramSetup
class MalformedPacketTest extends ServingTest {
    private static final byte[] PACKET = "a\u00ffb\u00c3".getBytes(StandardCharsets.ISO_8859_1);

    /** Sends the text back. */
    private static class Replacing extends DatagramRequestHandler {
        @Override
        public void handle() throws IOException {
            write(text());
        }
    }

    /** The same under another policy. */
    private static final class Deciding extends Replacing {
        private final CodingErrorAction malformed;

        Deciding(CodingErrorAction malformed) {
            this.malformed = malformed;
        }

        @Override
        protected CodingErrorAction malformedText() {
            return malformed;
        }
    }

    private static void assertText(String expected, DatagramClient client) throws IOException {
        client.send(PACKET);
        assertArrayEquals(expected.getBytes(StandardCharsets.UTF_8), client.receivePacket());
    }

    @Test
    void malformedBytesAreReplacedUnlessTheHandlerSaysOtherwise() throws Exception {
        assertText("a\ufffdb\ufffd", packets(started(request -> new Replacing().handle((DatagramRequest) request))));
    }

    @Test
    void malformedBytesAreDroppedIfTheHandlerSaysSo() throws Exception {
        assertText(
                "ab",
                packets(started(request -> new Deciding(CodingErrorAction.IGNORE).handle((DatagramRequest) request))));
    }

    @Test
    void malformedBytesEndTheirRequestAloneIfTheHandlerSaysSo() throws Exception {
        BaseServer<?> server =
                started(request -> new Deciding(CodingErrorAction.REPORT).handle((DatagramRequest) request));
        DatagramClient client = packets(server);
        client.send(PACKET);
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertSame(MalformedTextException.class, end.failure().orElseThrow().getClass());
        assertEquals(0, end.bytesOut());
        assertTrue(log.messages(Level.WARNING).isEmpty(), "it is no error of the server");
        assertEquals("gr\u00fcn", client.ask("gr\u00fcn"));
    }
}
