package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.MalformedTextException;
import org.socketserver.mixins.StreamRequestHandler;

/** Malformed text in lines is handled as the handler configures, on every stream transport. */
@EachStreamWay
class MalformedLineTest extends ProtocolTest {
    /** A line with an invalid UTF-8 byte and half a character, and a valid line. */
    private static final byte[] LINES = "a\u00ffb\u00c3\r\ngr\u00c3\u00bcn\n".getBytes(StandardCharsets.ISO_8859_1);

    /** Echoes every line and replaces malformed bytes. */
    static class Replacing extends StreamRequestHandler {
        @Override
        public void handle() throws IOException {
            for (String line = readLine(); line != null; line = readLine()) {
                writeLine(line);
            }
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

    /** Answers a malformed line with its offset and continues. */
    static final class Patient extends StreamRequestHandler {
        @Override
        protected CodingErrorAction malformedText() {
            return CodingErrorAction.REPORT;
        }

        @Override
        public void handle() throws IOException {
            try {
                writeLine(String.valueOf(readLine()));
            } catch (MalformedTextException malformed) {
                writeLine("malformed at " + malformed.offset());
            }
            writeLine(String.valueOf(readLine()));
        }
    }

    private String answer(Class<? extends StreamRequestHandler> handler) throws Exception {
        StreamClient client = connect(serve(handler));
        client.write(LINES);
        client.halfClose();
        return new String(client.readAll(), StandardCharsets.UTF_8);
    }

    @Test
    void malformedBytesAreReplacedByDefault() throws Exception {
        assertEquals("a\ufffdb\ufffd\ngr\u00fcn\n", answer(Replacing.class));
    }

    @Test
    void malformedBytesAreDroppedIfConfigured() throws Exception {
        assertEquals("ab\ngr\u00fcn\n", answer(Dropping.class));
    }

    @Test
    void malformedBytesEndTheConnectionIfConfigured() throws Exception {
        BaseServer<?> server = serve(Strict.class);
        StreamClient client = connect(server);
        assertEquals("gr\u00fcn", client.ask("gr\u00fcn"));
        client.write(LINES);
        assertPeersFault(client, MalformedTextException.class, "1 byte at offset 1 is not UTF-8");
        assertEquals("next", connect(server).ask("next"));
    }

    @Test
    void afterAMalformedLineTheHandlerMayReadTheNext() throws Exception {
        assertEquals("malformed at 1\ngr\u00fcn\n", answer(Patient.class));
    }
}
