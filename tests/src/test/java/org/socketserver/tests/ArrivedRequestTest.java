package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/**
 * A request that has arrived on an accepted connection when a stop begins is read and answered, wherever its handler
 * runs. See also {@link ArrivedBeforeStopTest}.
 */
@EachConcurrentStreamWay
class ArrivedRequestTest extends StopTest {
    private static final int PEERS = 5;
    private static final int ROUNDS = 5;

    @Test
    void aReadThatBeginsWithTheStopIsAnswered() throws Exception {
        BaseServer<?> server = server(ObedientHandler.class);
        for (int round = 0; round < ROUNDS; round++) {
            Gate goOn = gate();
            server.start();
            List<StreamClient> clients = new ArrayList<>();
            for (int i = 0; i < PEERS; i++) {
                StreamClient client = connect(server);
                client.write(("before " + goOn + "\nupper early\n").getBytes(StandardCharsets.US_ASCII));
                clients.add(client);
            }
            goOn.awaitWaiting(PEERS);
            goOn.open();
            BlockingQueue<ShutdownReport> reports = stopping(server, LONG);
            for (StreamClient client : clients) {
                assertEquals("EARLY", client.receive(), "round " + round);
                assertTrue(client.isAtEnd());
                client.close();
            }
            assertTrue(take(reports).isClean());
        }
    }
}
