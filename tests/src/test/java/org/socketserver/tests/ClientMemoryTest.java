package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.ClientMemory;
import org.socketserver.mixins.StreamRequestHandler;

/** What clients make the framework hold has a budget: {@link ClientMemory}. */
@EachThreadedStreamSetup
class ClientMemoryTest extends ServingTest {
    private static final int LONG_PART = 60_000;

    private final long before = ClientMemory.limit();

    @AfterEach
    void restore() {
        ClientMemory.limit(before);
    }

    static final class Shout extends StreamRequestHandler {
        @Override
        public void handle() throws IOException {
            for (String line = readLine(); line != null; line = readLine()) {
                writeLine("" + line.length());
            }
        }
    }

    /** Answers a short line with 10,000 bytes. */
    static final class Talkative extends StreamRequestHandler {
        @Override
        public void handle() throws IOException {
            for (String line = readLine(); line != null; line = readLine()) {
                write(
                        line.length() < 1_000
                                ? new byte[10_000]
                                : (line.length() + "\n").getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    static final class Frames extends StreamRequestHandler {
        @Override
        public void handle() throws IOException {
            for (byte[] frame = readFrame(); frame != null; frame = readFrame()) {
                writeLine("" + frame.length);
            }
        }
    }

    /** Connects a client that sends a part of a line, and waits until the server holds it. */
    private StreamClient holding(BaseServer<?> server, int bytes) throws Exception {
        long read = server.stats().bytesIn() + bytes;
        long least = ClientMemory.used() + bytes;
        StreamClient client = connect(server);
        client.write(new byte[bytes]);
        // Until its handler waits for more, because a growing buffer counts twice.
        while (server.stats().bytesIn() < read
                || !server.liveRequests().stream().allMatch(LiveRequest::waiting)) {
            Thread.sleep(1);
        }
        assertTrue(ClientMemory.used() >= least, ClientMemory.used() + " bytes");
        return client;
    }

    private static void awaitUsed(long least, long most) throws InterruptedException {
        long began = System.nanoTime();
        while (ClientMemory.used() < least || ClientMemory.used() > most) {
            assertTrue(millisSince(began) < 20_000, ClientMemory.used() + " bytes");
            Thread.sleep(1);
        }
    }

    private static void assertServed(StreamClient client, int bytes) throws IOException {
        client.write(new byte[] {'\n'});
        assertEquals("" + bytes, client.receive());
    }

    private static void assertEnded(StreamClient client) {
        try {
            assertTrue(client.isAtEnd());
        } catch (IOException reset) {
            // Unread bytes make the end a reset.
        }
    }

    @Test
    void theLargestThatHasWaitedLongestIsEndedAndTheOthersContinue() throws Exception {
        BaseServer<?> server = started(Shout.class);
        StreamClient small = holding(server, 3_000);
        StreamClient oldest = holding(server, LONG_PART);
        StreamClient second = holding(server, LONG_PART);
        // Together with one of the long lines, enough for an array that grows to 65,537 bytes while it has 59,904.
        ClientMemory.limit(ClientMemory.used() + 70_000);
        StreamClient newcomer = connect(server);
        newcomer.write(new byte[LONG_PART]);
        assertEnded(oldest);
        assertServed(small, 3_000);
        assertServed(second, LONG_PART);
        assertServed(newcomer, LONG_PART);
        assertEquals(1, events.awaitEnds(1).size());
        assertEquals(RequestOutcome.ABORTED, events.awaitEnds(1).get(0).outcome());
        assertEquals(1, server.stats().overBudget());
        assertTrue(
                log.messages(Level.WARNING).stream().anyMatch(line -> line.contains(" ended the connection of ")),
                () -> "" + log.messages(Level.WARNING));
        server.close();
        awaitUsed(0, 0);
    }

    @Test
    void aConnectionThatNeedsMoreThanEverythingEndsItself() throws Exception {
        BaseServer<?> server = started(Shout.class);
        ClientMemory.limit(20_000);
        StreamClient greedy = connect(server);
        greedy.write(new byte[LONG_PART]);
        assertEnded(greedy);
        assertEquals(RequestOutcome.ABORTED, events.awaitEnds(1).get(0).outcome());
        assertServed(holding(server, 1_000), 1_000);
    }

    @Test
    void theBufferOfAFrameCounts() throws Exception {
        BaseServer<?> server = started(Frames.class);
        StreamClient client = connect(server);
        client.write(new byte[] {0, 1, 0, 0});
        client.write(new byte[LONG_PART]);
        awaitUsed(LONG_PART, Long.MAX_VALUE);
        client.write(new byte[(1 << 16) - LONG_PART]);
        assertEquals("" + (1 << 16), client.receive());
        awaitUsed(0, 8_192);
        client.close();
        awaitUsed(0, 0);
    }

    @Test
    void ifAllOthersHoldTooLittleNoneOfThemIsEnded() throws Exception {
        BaseServer<?> server = started(Shout.class);
        StreamClient first = holding(server, 300);
        StreamClient second = holding(server, 300);
        // An array that grows from 2,560 to 10,752 bytes needs more than this and what the others hold.
        ClientMemory.limit(ClientMemory.used() + 10_000);
        StreamClient greedy = connect(server);
        greedy.write(new byte[LONG_PART]);
        assertEnded(greedy);
        assertServed(first, 300);
        assertServed(second, 300);
    }

    @Test
    void aClientThatDoesNotReadCanBeEnded() throws Exception {
        BaseServer<?> server = started(Talkative.class);
        StreamClient deaf = connect(server);
        // The input buffer holds 8,192 bytes while the answers fill the buffers of the kernel.
        inBackground(() -> {
            byte[] lines = ("x".repeat(999) + '\n').repeat(100).getBytes(StandardCharsets.US_ASCII);
            try {
                for (int i = 0; i < 100_000; i++) {
                    deaf.write(lines);
                }
            } catch (IOException ended) {
                // As expected.
            }
        });
        long began = System.nanoTime();
        long sent = -1;
        while (server.stats().bytesOut() == 0 || server.stats().bytesOut() != sent) {
            assertTrue(millisSince(began) < 20_000, "the client reads");
            sent = server.stats().bytesOut();
            Thread.sleep(300);
        }
        assertEquals(8_192, ClientMemory.used());
        // Enough for all but the last growth of the buffer.
        ClientMemory.limit(ClientMemory.used() + 18_000);
        StreamClient client = connect(server);
        client.write(new byte[7_000]);
        assertEquals(RequestOutcome.ABORTED, events.awaitEnds(1).get(0).outcome());
        assertServed(client, 7_000);
    }

    @Test
    void manyClientsNeverHoldMoreThanTheBudget() throws Exception {
        ClientMemory.limit(500_000);
        BaseServer<?> server = started(Shout.class);
        List<StreamClient> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            StreamClient client = connect(server);
            clients.add(client);
            try {
                client.write(new byte[LONG_PART]);
            } catch (IOException ended) {
                // It has been chosen already.
            }
            assertTrue(ClientMemory.used() <= ClientMemory.limit());
        }
        StreamClient innocent = connect(server);
        innocent.send("hello");
        assertEquals("5", innocent.receive());
        long began = System.nanoTime();
        while (server.stats().overBudget() < 80) {
            assertTrue(millisSince(began) < 20_000, server.stats().toString());
            Thread.sleep(1);
        }
        for (StreamClient client : clients) {
            client.close();
        }
        events.awaitEnds(100);
        assertTrue(server.stats().overBudget() <= 100, server.stats().toString());
    }

    @Test
    void aLimitBelowOneByteIsRejected() {
        assertEquals(
                "the limit of client memory is 0 bytes; it must be 1 byte or more",
                assertThrows(IllegalArgumentException.class, () -> ClientMemory.limit(0))
                        .getMessage());
    }
}
