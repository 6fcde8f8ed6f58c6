package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;

/**
 * Ends of connections: a peer that disconnects is no error, half-closes work in both directions, and no bytes are lost.
 */
@EachStreamWay
class DisconnectTest extends ServingTest {
    @Test
    void aPeerThatClosesCleanlyIsDone() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        StreamClient client = connect(server);
        client.ask("hello");
        client.close();
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
        assertTrue(hooks.failures.isEmpty());
    }

    @Test
    void aResetIsNoErrorOfTheHandler() throws Exception {
        Gate hasGone = gate();
        BaseServer<?> server = started(ObedientHandler.class);
        StreamClient client = connect(server);
        client.send("upper an answer that is never read;wait " + hasGone + ";flood");
        hasGone.awaitWaiting(1);
        client.reset();
        hasGone.open();
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.DISCONNECTED, end.outcome());
        assertSame(DisconnectedException.class, end.failure().orElseThrow().getClass());
        assertTrue(hooks.failures.isEmpty(), hooks.failures.toString());
        assertTrue(
                log.messages(Level.INFO).stream().allMatch(line -> line.contains(" to its workers")),
                "nothing is logged either");
        assertEquals(1, hooks.count("closeRequest"));
    }

    /** Writes until that fails, and wraps the IOException as the JDK's streams do where none may be thrown. */
    static final class WrappingFlood implements RequestHandler<Request> {
        @Override
        public void handle(Request request) {
            try {
                byte[] chunk = new byte[100_000];
                while (true) {
                    request.output().write(chunk);
                }
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        }
    }

    @Test
    void aWrappedDisconnectIsNoErrorEither() throws Exception {
        BaseServer<?> server = started(WrappingFlood.class);
        StreamClient client = connect(server);
        // With TLS, the handshake must be over.
        hooks.await("processRequest", 1);
        client.reset();
        assertSame(RequestOutcome.DISCONNECTED, events.awaitEnds(1).get(0).outcome());
        assertTrue(hooks.failures.isEmpty());
    }

    @Test
    void aPeerThatHalfClosesStillGetsItsAnswer() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        StreamClient client = connect(server);
        client.send("count-all");
        client.write(new byte[100_000]);
        client.halfClose();
        assertEquals("100000 bytes", client.receive());
        assertTrue(client.isAtEnd());
    }

    @Test
    void aHandlerThatHalfClosesStillReads() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        StreamClient client = connect(server);
        client.send("upper no more from me;half-close;read-all");
        assertEquals("NO MORE FROM ME", client.receive());
        assertTrue(client.isAtEnd());
        client.send("but more from me");
        client.halfClose();
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.DONE, end.outcome());
        assertEquals("upper no more from me;half-close;read-all\nbut more from me\n".length(), end.bytesIn());
    }

    @Test
    void aLargeAnswerArrivesWholeEvenIfTheHandlerReturnsAtOnce() throws Exception {
        byte[] answer = ObedientTalk.bytes(3_000_000);
        BaseServer<?> server = started(ObedientHandler.Once.class);
        StreamClient client = connect(server);
        client.send("bytes " + answer.length);
        assertArrayEquals(answer, client.readAll());
        assertEquals(answer.length, events.awaitEnds(1).get(0).bytesOut());
    }

    @Test
    void anEchoOfManyBytesIsExact() throws Exception {
        byte[] bytes = new byte[10_000_000];
        new Random(2).nextBytes(bytes);
        BaseServer<?> server = started(Handlers.Echo.class);
        StreamClient client = connect(server);
        var sending = inBackground(() -> {
            client.write(bytes);
            client.halfClose();
        });
        var back = new ByteArrayOutputStream();
        back.write(client.readAll());
        await(sending);
        assertArrayEquals(bytes, back.toByteArray());
    }

    @Test
    void peersThatDisconnectAtOnceDoNotAffectTheServer() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class);
        for (int i = 0; i < 30; i++) {
            connect(server).reset();
        }
        assertEquals("STILL HERE", connect(server).ask("still here"));
        assertTrue(hooks.failures.isEmpty(), hooks.failures.toString());
    }
}
