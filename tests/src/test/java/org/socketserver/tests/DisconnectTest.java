package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.StreamRequest;

/** Ends of connections: a peer that goes is no error, half-closes work both ways, and nothing is lost at an end. */
@EachStreamSetup
class DisconnectTest extends ServingTest {
    @Test
    void aPeerThatEndsInGoodOrderIsDone() throws Exception {
        BaseServer<?> server = started(Handlers.UPPER);
        StreamClient client = connect(server);
        client.ask("hello");
        client.close();
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
        assertTrue(hooks.failures.isEmpty());
    }

    @Test
    void aResetIsNoErrorOfTheHandler() throws Exception {
        CountDownLatch inHandler = new CountDownLatch(1);
        CountDownLatch hasGone = new CountDownLatch(1);
        BaseServer<?> server = started(request -> {
            Handlers.line(request);
            Handlers.answer(request, "an answer that is never read");
            inHandler.countDown();
            await(hasGone);
            byte[] chunk = new byte[100_000];
            while (true) {
                request.output().write(chunk);
            }
        });
        StreamClient client = connect(server);
        client.send("hello");
        await(inHandler);
        client.reset();
        hasGone.countDown();
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.DISCONNECTED, end.outcome());
        assertSame(DisconnectedException.class, end.failure().orElseThrow().getClass());
        assertTrue(hooks.failures.isEmpty(), hooks.failures.toString());
        assertTrue(log.messages(Level.INFO).isEmpty());
        assertEquals(1, hooks.count("closeRequest"));
    }

    @Test
    void aHandlerThatWrapsTheDisconnectIsNoErrorEither() throws Exception {
        BaseServer<?> server = started(request -> {
            try {
                byte[] chunk = new byte[100_000];
                while (true) {
                    request.output().write(chunk);
                }
            } catch (IOException gone) {
                throw new UncheckedIOException(gone);
            }
        });
        connect(server).reset();
        assertSame(RequestOutcome.DISCONNECTED, events.awaitEnds(1).get(0).outcome());
        assertTrue(hooks.failures.isEmpty());
    }

    @Test
    void aPeerThatHalfClosesStillGetsItsAnswer() throws Exception {
        BaseServer<?> server = started(request -> {
            byte[] all = request.input().readAllBytes();
            Handlers.answer(request, all.length + " bytes");
        });
        StreamClient client = connect(server);
        client.write(new byte[100_000]);
        client.halfClose();
        assertEquals("100000 bytes", client.receive());
        assertTrue(client.isAtEnd());
    }

    @Test
    void aHandlerThatHalfClosesStillReads() throws Exception {
        BaseServer<?> server = started(request -> {
            Handlers.answer(request, "no more from me");
            ((StreamRequest) request).shutdownOutput();
            request.input().readAllBytes();
        });
        StreamClient client = connect(server);
        assertEquals("no more from me", client.receive());
        assertTrue(client.isAtEnd());
        client.send("but more from me");
        client.halfClose();
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.DONE, end.outcome());
        assertEquals(17, end.bytesIn());
    }

    @Test
    void aLargeAnswerArrivesWholeAlthoughTheHandlerEndsAtOnce() throws Exception {
        byte[] answer = new byte[3_000_000];
        new Random(1).nextBytes(answer);
        BaseServer<?> server = started(request -> {
            Handlers.line(request);
            request.output().write(answer);
        });
        StreamClient client = connect(server);
        client.send("all of it");
        assertArrayEquals(answer, client.readAll());
        assertEquals(answer.length, events.awaitEnds(1).get(0).bytesOut());
    }

    @Test
    void anEchoOfManyBytesIsExact() throws Exception {
        byte[] bytes = new byte[2_000_000];
        new Random(2).nextBytes(bytes);
        BaseServer<?> server = started(Handlers.ECHO);
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
    void aPeerThatConnectsAndGoesAtOnceDoesNotStopTheServer() throws Exception {
        BaseServer<?> server = started(Handlers.UPPER);
        for (int i = 0; i < 30; i++) {
            connect(server).reset();
        }
        assertEquals("STILL HERE", connect(server).ask("still here"));
        assertTrue(hooks.failures.isEmpty(), hooks.failures.toString());
    }
}
