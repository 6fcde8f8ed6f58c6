package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Objects;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.LineTooLongException;
import org.socketserver.mixins.StreamRequestHandler;

/** {@link StreamRequestHandler} behaves the same on every stream transport. */
@EachStreamWay
class StreamHandlerTest extends ServingTest {
    /** Sets and clears no-delay, which not every transport has. */
    static final class NoDelay extends StreamRequestHandler {
        @Override
        protected boolean noDelay() {
            return false;
        }

        @Override
        public void handle() throws IOException {
            request().noDelay(true);
            request().noDelay(false);
            writeLine("fine, " + readLine());
        }
    }

    @Test
    void noDelayCanBeSetOnEveryTransport() throws Exception {
        BaseServer<?> server = started(NoDelay.class);
        assertEquals("fine, thanks", connect(server).ask("thanks"));
    }

    /** Buffers its output, and waits at a gate before it returns. */
    static final class Buffering extends StreamRequestHandler {
        @Override
        protected int outputBufferSize() {
            return 1_000_000;
        }

        @Override
        public void handle() throws IOException, InterruptedException {
            String gate = Objects.requireNonNull(readLine());
            for (int i = 0; i < 900_000; i++) {
                output().write('x');
            }
            Gate.await(gate);
        }
    }

    @Test
    void bufferedOutputToADisconnectedPeerIsNoError() throws Exception {
        Gate goOn = gate();
        StreamClient client = connect(started(Buffering.class));
        client.send(goOn.toString());
        goOn.awaitWaiting(1);
        client.reset();
        goOn.open();
        assertSame(RequestOutcome.DISCONNECTED, events.awaitEnds(1).get(0).outcome());
        assertTrue(hooks.failures.isEmpty(), hooks.failures.toString());
    }

    @Test
    void bufferedOutputIsSentWhenTheHandlerReturns() throws Exception {
        Gate goOn = gate();
        StreamClient client = connect(started(Buffering.class));
        client.send(goOn.toString());
        goOn.awaitWaiting(1);
        goOn.open();
        assertEquals(900_000, client.readAll().length);
    }

    /** Accepts only short lines. */
    static final class ShortLines extends StreamRequestHandler {
        @Override
        protected int maxLineLength() {
            return 10;
        }

        @Override
        public void handle() throws IOException {
            for (String line = readLine(); line != null; line = readLine()) {
                writeLine(line);
            }
        }
    }

    @Test
    void aTooLongLineEndsItsConnectionAndIsThePeersFault() throws Exception {
        BaseServer<?> server = started(ShortLines.class);
        StreamClient client = connect(server);
        assertEquals("0123456789", client.ask("0123456789"));
        client.send("0123456789a");
        assertThrown(
                LineTooLongException.class,
                "a line is longer than 10 bytes",
                events.awaitEnds(1).get(0).failure().orElseThrow());
        assertTrue(log.messages(Level.WARNING).isEmpty(), "a too long line is not the server's error");
        assertEquals("next", connect(server).ask("next"));
    }

    @Test
    void pipelinedLinesAreAllAnsweredInOrder() throws Exception {
        BaseServer<?> server = started(ShortLines.class);
        StreamClient client = connect(server);
        client.write("one\ntwo\r\nthree\nlast".getBytes("US-ASCII"));
        client.halfClose();
        assertEquals("one\ntwo\nthree\nlast\n", new String(client.readAll(), "US-ASCII"));
    }
}
