package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.socketserver.api.RequestOutcome;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.tcp.TcpServer;

/** Each worker process has its own budget for what its client makes it hold. */
@Timeout(60)
class WorkerMemoryTest {
    @Test
    void aLineBeyondTheBudgetOfAWorkerEndsOnlyItsOwnRequest() throws Exception {
        RecordingListener events = new RecordingListener();
        try (TcpServer server = new TcpServer("127.0.0.1:0", ClientMemoryTest.Shout.class)) {
            server.mixIn(new ForkingMixIn()
                    .minIdle(1)
                    .maxChildren(1)
                    .systemProperty("org.socketserver.clientMemory", "20000"));
            server.listener(events);
            server.start();
            try (StreamClient greedy = new StreamClient(SocketChannel.open(server.address()))) {
                greedy.write(new byte[60_000]);
                assertEquals(null, greedy.receive());
            } catch (IOException reset) {
                // Unread bytes make the end a reset.
            }
            assertEquals(RequestOutcome.DISCONNECTED, events.awaitEnds(1).get(0).outcome());
            try (StreamClient other = new StreamClient(SocketChannel.open(server.address()))) {
                assertEquals("5", other.ask("hello"));
            }
        }
    }
}
