package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.LineTooLongException;
import org.socketserver.mixins.StreamRequestHandler;

/** No line is longer than the handler allows, with any line end, and an endless line is not read to its end. */
@EachStreamWay
class LineLimitTest extends ProtocolTest {
    private static final int MAX = 10_000;
    private static final int BUFFER = 4_096;

    /** Echoes every line. */
    static final class Echo extends StreamRequestHandler {
        @Override
        protected int maxLineLength() {
            return MAX;
        }

        @Override
        protected int inputBufferSize() {
            return BUFFER;
        }

        @Override
        public void handle() throws IOException {
            for (String line = readLine(); line != null; line = readLine()) {
                writeLine(line);
            }
        }
    }

    private void assertLimitedExactly(String end) throws Exception {
        BaseServer<?> server = serve(Echo.class);
        StreamClient client = connect(server);
        String longest = "x".repeat(MAX);
        client.write((longest + end).getBytes(StandardCharsets.US_ASCII));
        assertEquals(longest, client.receive());
        client.write((longest + 'x' + end).getBytes(StandardCharsets.US_ASCII));
        assertPeersFault(client, LineTooLongException.class, "a line is longer than 10000 bytes");
        assertEquals("next", connect(server).ask("next"));
    }

    @Test
    void aLineThatEndsWithLfIsLimitedExactly() throws Exception {
        assertLimitedExactly("\n");
    }

    @Test
    void aLineThatEndsWithCrLfIsLimitedExactly() throws Exception {
        assertLimitedExactly("\r\n");
    }

    @Test
    void anEndlessLineIsRejectedAfterAtMostTheLimitAndOneBuffer() throws Exception {
        BaseServer<?> server = serve(Echo.class);
        StreamClient client = connect(server);
        byte[] some = new byte[1_000];
        Arrays.fill(some, (byte) 'x');
        var endless = inBackground(() -> assertThrows(IOException.class, () -> {
            while (true) {
                client.write(some);
            }
        }));
        RequestEnd end = events.awaitEnds(1).get(0);
        assertThrown(
                LineTooLongException.class,
                "a line is longer than 10000 bytes",
                end.failure().orElseThrow());
        assertTrue(end.bytesIn() > MAX && end.bytesIn() <= MAX + BUFFER, end.bytesIn() + " bytes were read");
        await(endless);
        assertEquals("next", connect(server).ask("next"));
    }

    @Test
    void oneByteTooManyEndsTheConnectionWithoutWaitingForMore() throws Exception {
        StreamClient client = connect(serve(Echo.class));
        client.write("x".repeat(MAX + 1).getBytes(StandardCharsets.US_ASCII));
        assertPeersFault(client, LineTooLongException.class, "a line is longer than 10000 bytes");
    }
}
