package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Limits;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;

/** A rejected client reads its answer and a clean end, whatever it has sent or continues to send. */
@EachConcurrentStreamWay
class RejectedConnectionTest extends ServingTest {
    private static final String BUSY = "503 busy\r\n";

    private final Gate goOn = gate();

    private BaseServer<?> fullServer(WhenFull whenFull) throws Exception {
        BaseServer<?> server = started(
                ObedientHandler.class,
                options()
                        .grace(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(20))
                        .limits(Limits.NONE.whenFull(whenFull)),
                setup.concurrency().bounded(1));
        waiting(server, goOn);
        return server;
    }

    private StreamClient sendBeforeTheAccept(BaseServer<?> server, byte[] bytes) throws Exception {
        server.suspend();
        hooks.await("serviceActions", hooks.count("serviceActions") + 2);
        StreamClient client = connect(server);
        client.write(bytes);
        server.resume();
        return client;
    }

    private static void assertAnswerAndEnd(StreamClient client) throws Exception {
        assertEquals(BUSY, new String(client.readAll(), StandardCharsets.UTF_8));
        assertTrue(client.isAtEnd());
    }

    @Test
    void aClientThatSentBeforeReadsAnswerAndEnd() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = fullServer(WhenFull.answer(BUSY));
        StreamClient client = sendBeforeTheAccept(server, new byte[100_000]);
        assertAnswerAndEnd(client);
    }

    @Test
    void aClientThatContinuesSendingReadsAnswerAndEnd() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = fullServer(WhenFull.answer(BUSY));
        StreamClient client = sendBeforeTheAccept(server, new byte[1_000]);
        events.awaitEnds(1);
        keepSending(client);
        assertAnswerAndEnd(client);
    }

    private static void keepSending(StreamClient client) throws Exception {
        for (int i = 0; i < 10; i++) {
            client.write(new byte[1_000]);
            Thread.sleep(5);
        }
    }

    @Test
    void aClientThatStartsSendingAfterTheAnswerReadsAnswerAndEnd() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = fullServer(WhenFull.answer(BUSY));
        StreamClient client = connect(server);
        events.awaitEnds(1);
        keepSending(client);
        assertAnswerAndEnd(client);
    }

    @Test
    void aClientThatSendsALotDuringTheAnswerReadsAnswerAndEnd() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = fullServer(WhenFull.answer(BUSY));
        StreamClient client = connect(server);
        var sending = inBackground(() -> client.write(new byte[300_000]));
        assertAnswerAndEnd(client);
        await(sending);
    }

    @Test
    void withoutAnAnswerAClientThatSentBeforeReadsTheEnd() throws Exception {
        BaseServer<?> server = fullServer(WhenFull.REJECT);
        StreamClient client = sendBeforeTheAccept(server, new byte[1_000]);
        assertTrue(client.isAtEnd());
    }

    @Test
    void rejectedClientsThatStayConnectedDoNotDelayTheServer() throws Exception {
        assumeRejectedClientsAreAnswered();
        BaseServer<?> server = fullServer(WhenFull.answer(BUSY));
        for (int i = 0; i < 20; i++) {
            sendBeforeTheAccept(server, new byte[100]);
        }
        long began = System.nanoTime();
        assertAnswerAndEnd(connect(server));
        assertTrue(millisSince(began) < 20_000, millisSince(began) + " ms");
    }
}
