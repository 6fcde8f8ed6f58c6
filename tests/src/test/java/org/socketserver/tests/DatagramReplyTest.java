package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.DatagramTooLongException;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.DatagramServer;

/** A packet gets a reply if and only if its handler wrote one and did not throw. Packets arrive whole or not at all. */
@EachDatagramWay
class DatagramReplyTest extends ServingTest {
    @Test
    void nothingIsSentUnlessSomethingWasWritten() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        DatagramClient client = packets(server);
        client.send("quiet");
        assertEquals(0, events.awaitEnds(1).get(0).bytesOut());
        assertEquals("LOUD", client.ask("upper loud"));
    }

    @Test
    void aFailingHandlersHalfReplyIsNotSent() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        DatagramClient client = packets(server);
        client.send("half-answer on purpose");
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertEquals(0, end.bytesOut());
        assertEquals("NEXT", client.ask("upper next"));
    }

    @Test
    void severalWritesMakeOnePacket() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        assertEquals("ONE\nPACKET\nONLY", packets(server).ask("upper one;upper packet;upper only"));
    }

    @Test
    void severalRepliesCanBeSentAtOnce() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        DatagramClient client = packets(server);
        assertEquals("reply 0", client.ask("replies 2;upper and the last"));
        assertEquals("reply 1", client.receive());
        assertEquals("AND THE LAST", client.receive());
        assertEquals(7 + 7 + 13, events.awaitEnds(1).get(0).bytesOut());
    }

    @Test
    void aReplyIsSentBeforeTheHandlerEnds() throws Exception {
        Gate goOn = gate();
        BaseServer<?> server = started(ObedientHandler.class);
        DatagramClient client = packets(server);
        assertEquals("reply 0", client.ask("replies 1;wait " + goOn));
        goOn.open();
        assertEquals("went on", client.receive());
    }

    /** Sends no reply. */
    static final class Silent implements RequestHandler<Request> {
        @Override
        public void handle(Request request) {}
    }

    @Test
    void twoServersPointedAtEachOtherFallSilent() throws Exception {
        BaseServer<?> silent = started(Silent.class);
        Hooks otherHooks = new Hooks();
        BaseServer<?> other =
                closeLater(setup.transport().server(() -> request -> Handlers.line(request), options(), otherHooks));
        other.start();
        // The packets of one server to the other come from an address that accepts replies.
        SocketAddress target = silent.address();
        ((DatagramServer) other).send(ByteBuffer.wrap(new byte[] {1}), target);
        events.awaitEnds(1);
        assertEquals(0, otherHooks.count("getRequest"));
        assertEquals(1, hooks.count("getRequest"));
    }

    @Test
    void aTooLongReplyIsRejectedWithSizeAndLimitAndNotSent() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        DatagramClient client = packets(server);
        client.send("too-long");
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertSame(DatagramTooLongException.class, end.failure().orElseThrow().getClass());
        int limit = ((DatagramRequest) events.started().get(0)).maxReplySize();
        assertEquals(
                new DatagramTooLongException(limit + 1, limit).getMessage(),
                end.failure().orElseThrow().getMessage());
        assertEquals("SHORT", client.ask("upper short"));
    }

    @Test
    void everySizeIsEchoedWhole() throws Exception {
        BaseServer<?> server = started(Handlers.Echo.class);
        DatagramClient client = packets(server);
        Random random = new Random(3);
        for (int size : new int[] {1, 2, 1_472, 1_473, 8_192, 8_193, 65_506, 65_507}) {
            byte[] packet = new byte[size];
            random.nextBytes(packet);
            client.send(packet);
            assertArrayEquals(packet, client.receivePacket(), size + " bytes");
        }
        events.awaitEnds(8).forEach(end -> assertEquals(end.bytesIn(), end.bytesOut()));
        assertTrue(events.truncated().isEmpty());
    }

    @Test
    void aPacketLongerThanTheLimitIsDroppedWithAnEvent() throws Exception {
        BaseServer<?> server = started(Handlers.Echo.class, options().maxDatagramSize(100));
        DatagramClient client = packets(server);
        client.send(new byte[101]);
        client.send(new byte[5_000]);
        byte[] fits = new byte[100];
        client.send(fits);
        assertArrayEquals(fits, client.receivePacket());
        assertEquals(List.of("100 dropped", "100 dropped"), events.truncated());
        assertEquals(1, events.started().size());
    }

    /** Answers with the packet's length and whether it was truncated. */
    static final class SizeTeller implements RequestHandler<DatagramRequest> {
        @Override
        public void handle(DatagramRequest packet) throws IOException {
            Handlers.answer(packet, packet.data().length + " " + packet.isTruncated());
        }
    }

    @Test
    void anEmptyPacketIsAPacket() throws Exception {
        assumeTrue(setup.transport() == Transport.UDP, "junixsocket does not distinguish an empty packet from none");
        DatagramClient client = packets(started(SizeTeller.class));
        client.send(new byte[0]);
        assertEquals("0 false", client.receive());
        assertEquals(0, events.awaitEnds(1).get(0).bytesIn());
    }

    @Test
    void anEmptyReplyIsAPacket() throws Exception {
        assumeTrue(setup.transport() == Transport.UDP, "junixsocket does not distinguish an empty packet from none");
        DatagramClient client = packets(started(EmptyReply.class));
        client.send("reply");
        assertArrayEquals(new byte[0], client.receivePacket());
    }

    /** Answers with an empty packet. */
    static final class EmptyReply implements RequestHandler<DatagramRequest> {
        @Override
        public void handle(DatagramRequest packet) throws IOException {
            packet.reply(new byte[0]);
        }
    }

    @Test
    void aPacketLongerThanTheLimitIsDeliveredTruncatedAndMarkedIfConfigured() throws Exception {
        BaseServer<?> server =
                started(SizeTeller.class, options().maxDatagramSize(100).deliverTruncated(true));
        DatagramClient client = packets(server);
        client.send(new byte[101]);
        assertEquals("100 true", client.receive());
        client.send(new byte[100]);
        assertEquals("100 false", client.receive());
        assertEquals(List.of("100 delivered"), events.truncated());
    }

    @Test
    void aClosedSenderDoesNotAffectTheServer() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        for (int i = 0; i < 5; i++) {
            try (Client gone = setup.transport().client(server.address())) {
                gone.send("sleep 20;upper gone");
            }
        }
        events.awaitEnds(5);
        for (int i = 0; i < 5; i++) {
            assertEquals("HERE", packets(server).ask("upper here"));
        }
        assertTrue(hooks.failures.isEmpty(), hooks.failures.toString());
        assertTrue(server.shutdown(Duration.ofSeconds(5)).isClean());
    }
}
