package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** A request that has arrived on an accepted connection when a stop begins is read and answered. */
@EachThreadedStreamSetup
class ArrivedBeforeStopTest extends StopTest {
    private static final int PEERS = 10;

    private volatile CountDownLatch inside = new CountDownLatch(PEERS);
    private volatile CountDownLatch begin = new CountDownLatch(1);

    /** Echoes each read. */
    private static final RequestHandler<Request> ECHO = request -> {
        byte[] buffer = new byte[100];
        for (int count = request.input().read(buffer);
                count >= 0;
                count = request.input().read(buffer)) {
            request.output().write(buffer, 0, count);
        }
    };

    @Test
    void aReadThatBeginsWithTheStopIsAnswered() throws Exception {
        stopAsTheyBegin(ECHO, List.of("early"));
    }

    @Test
    void aReadAfterAWriteIsAnswered() throws Exception {
        stopAsTheyBegin(
                request -> {
                    Handlers.answer(request, "welcome");
                    ECHO.handle(request);
                },
                List.of("welcome", "early"));
    }

    /** The first read in a JVM loads classes, which may take longer than the time after which a read counts as idle. */
    private void warmUp() throws Exception {
        BaseServer<?> server = started(ECHO);
        try (StreamClient client = connect(server)) {
            client.send("first");
            assertEquals("first", client.receive());
        }
        server.close();
    }

    private void stopAsTheyBegin(RequestHandler<Request> handler, List<String> answers) throws Exception {
        warmUp();
        BaseServer<?> server = server(request -> {
            inside.countDown();
            begin.await();
            handler.handle(request);
        });
        for (int round = 0; round < 12; round++) {
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
                for (String answer : answers) {
                    assertEquals(answer, client.receive(), "round " + round);
                }
                assertTrue(client.isAtEnd());
                client.close();
            }
            assertEquals(0, take(reports).forced().size());
        }
    }
}
