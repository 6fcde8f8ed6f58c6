package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;

/** A peer reads the whole answer and then the end of input, not a reset, even if it has sent bytes that nobody read. */
@EachStreamWay
class CleanCloseTest extends ServingTest {
    private final Gate sent = gate();

    /**
     * Returns a client that has sent bytes which its handler does not read, and whose handler executes the given
     * command.
     */
    private StreamClient sendingUnread(BaseServer<?> server, int count, String then) throws Exception {
        StreamClient client = connect(server);
        client.send("wait " + sent + ";" + then);
        sent.awaitWaiting(1);
        client.write(new byte[count]);
        client.awaitWritten();
        sent.open();
        assertEquals("went on", client.receive());
        return client;
    }

    private static byte[] bytes(int count) {
        return ObedientTalk.bytes(count);
    }

    @Test
    void aPeerThatReadsLateGetsTheAnswerAndTheEnd() throws Exception {
        byte[] answer = bytes(40_000);
        StreamClient client = sendingUnread(started(ObedientHandler.Once.class), 50_000, "bytes " + answer.length);
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
        assertArrayEquals(answer, client.readAll());
        client.close();
    }

    @Test
    void anAnswerLargerThanAllBuffersArrivesWhole() throws Exception {
        byte[] answer = bytes(8_000_000);
        StreamClient client = sendingUnread(started(ObedientHandler.Once.class), 50_000, "bytes " + answer.length);
        assertArrayEquals(answer, client.readAll());
        assertEquals(
                "went on\n".length() + answer.length, events.awaitEnds(1).get(0).bytesOut());
    }

    @Test
    void aPeerThatContinuesSendingGetsTheAnswerAndTheEnd() throws Exception {
        byte[] answer = bytes(40_000);
        StreamClient client = sendingUnread(started(ObedientHandler.Once.class), 50_000, "bytes " + answer.length);
        AtomicBoolean enough = new AtomicBoolean();
        CountDownLatch afterTheEnd = new CountDownLatch(20);
        FutureTask<Void> sending = inBackground(() -> {
            while (!enough.get()) {
                client.write(new byte[100]);
                if (!events.stopped().isEmpty()) {
                    afterTheEnd.countDown();
                }
                Thread.sleep(1);
            }
        });
        await(afterTheEnd);
        assertArrayEquals(answer, client.readAll());
        enough.set(true);
        await(sending);
    }

    @Test
    void aPartlyReadRequestGetsItsAnswer() throws Exception {
        StreamClient client = connect(started(ObedientHandler.Once.class));
        client.send("upper too long;before " + sent);
        client.write(new byte[100_000]);
        sent.open();
        events.awaitEnds(1);
        assertEquals("TOO LONG", client.receive());
        assertTrue(client.isAtEnd());
    }

    @Test
    void thePeerOfAFailingHandlerGetsWhatWasWrittenAndTheEnd() throws Exception {
        StreamClient client = sendingUnread(started(ObedientHandler.Once.class), 50_000, "half-answer on purpose");
        events.awaitEnds(1);
        assertEquals("half of it", client.receive());
        assertTrue(client.isAtEnd());
    }

    @Test
    void closingTheServerStillDeliversTheAnswer() throws Exception {
        byte[] answer = bytes(40_000);
        BaseServer<?> server = started(ObedientHandler.Once.class);
        StreamClient client = sendingUnread(server, 50_000, "bytes " + answer.length);
        events.awaitEnds(1);
        FutureTask<Void> closing = inBackground(server::close);
        assertArrayEquals(answer, client.readAll());
        client.close();
        await(closing);
    }

    @Test
    void anAbortResetsTheConnection() throws Exception {
        Gate never = gate();
        BaseServer<?> server = started(ObedientHandler.Once.class);
        StreamClient client = sendingUnread(server, 1_000, "wait " + never);
        never.awaitWaiting(1);
        server.close(Duration.ZERO);
        assertSame(RequestOutcome.ABORTED, events.awaitEnds(1).get(0).outcome());
        // Unread bytes were discarded, which only a reset shows.
        assertThrows(IOException.class, () -> {
            client.read();
            client.write(new byte[1]);
            client.write(new byte[1]);
        });
    }
}
