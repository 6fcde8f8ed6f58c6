package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.ShutdownReport;

/** What has arrived on an accepted connection when a stop begins is read and answered. */
@EachThreadedStreamSetup
class ArrivedBeforeStopTest extends StopTest {
    private static final int PEERS = 12;

    private volatile CountDownLatch inside = new CountDownLatch(PEERS);
    private volatile CountDownLatch begin = new CountDownLatch(1);

    @Test
    void alsoWhenItsReadBeginsTogetherWithTheStop() throws Exception {
        BaseServer<?> server = server(request -> {
            inside.countDown();
            begin.await();
            Handlers.UPPER.handle(request);
        });
        for (int round = 0; round < 25; round++) {
            inside = new CountDownLatch(PEERS);
            begin = new CountDownLatch(1);
            server.start();
            List<StreamClient> clients = new ArrayList<>();
            for (int i = 0; i < PEERS; i++) {
                clients.add(connect(server));
                clients.get(i).send("early");
            }
            await(inside);
            begin.countDown();
            BlockingQueue<ShutdownReport> reports = stopping(server, LONG);
            for (StreamClient client : clients) {
                assertEquals("EARLY", client.receive(), "round " + round);
                assertTrue(client.isAtEnd());
                client.close();
            }
            assertEquals(0, take(reports).forced().size());
        }
    }
}
