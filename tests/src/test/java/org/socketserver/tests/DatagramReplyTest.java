package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.DatagramServer;
import org.socketserver.api.DatagramTooLongException;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestOutcome;

/** A packet gets a reply if and only if its handler wrote one and ended well; packets are whole or not there. */
@EachDatagramSetup
class DatagramReplyTest extends ServingTest {
    @Test
    void nothingIsSentUnlessSomethingWasWritten() throws Exception {
        BaseServer<?> server = started(request -> {
            if ("loud".equals(Handlers.line(request))) {
                Handlers.answer(request, "LOUD");
            }
        });
        DatagramClient client = packets(server);
        client.send("quiet");
        assertEquals(0, events.awaitEnds(1).get(0).bytesOut());
        assertEquals("LOUD", client.ask("loud"));
    }

    @Test
    void aFailingHandlersHalfReplyIsNotSent() throws Exception {
        BaseServer<?> server = started(request -> {
            String line = Handlers.line(request);
            Handlers.answer(request, "half of " + line);
            if ("fail".equals(line)) {
                throw new IllegalStateException("on purpose");
            }
        });
        DatagramClient client = packets(server);
        client.send("fail");
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertEquals(0, end.bytesOut());
        assertEquals("half of next", client.ask("next"));
    }

    @Test
    void whatIsWrittenInPartsIsOnePacket() throws Exception {
        BaseServer<?> server = started(request -> {
            for (String word : new String[] {"one ", "packet ", "only"}) {
                request.output().write(word.getBytes("US-ASCII"));
            }
        });
        assertEquals("one packet only", packets(server).ask("go"));
    }

    @Test
    void severalRepliesCanBeSentAtOnce() throws Exception {
        BaseServer<?> server = started(request -> {
            DatagramRequest packet = (DatagramRequest) request;
            packet.reply("first".getBytes("US-ASCII"));
            packet.reply("second".getBytes("US-ASCII"));
        });
        DatagramClient client = packets(server);
        assertEquals("first", client.ask("go"));
        assertEquals("second", client.receive());
        assertEquals(11, events.awaitEnds(1).get(0).bytesOut());
    }

    @Test
    void twoServersPointedAtEachOtherFallSilent() throws Exception {
        BaseServer<?> silent = started(request -> {});
        Hooks otherHooks = new Hooks();
        BaseServer<?> other = closeLater(setup.transport()
                .server(() -> request -> Handlers.line(request), options().build(), otherHooks));
        other.start();
        // What one server sends to the other comes from an address that can be answered.
        SocketAddress target = silent.address();
        ((DatagramServer) other).send(ByteBuffer.wrap(new byte[] {1}), target);
        events.awaitEnds(1);
        assertEquals(0, otherHooks.count("getRequest"));
        assertEquals(1, hooks.count("getRequest"));
    }

    @Test
    void aReplyThatIsTooLongIsRefusedWithSizeAndLimitAndNothingIsSent() throws Exception {
        BaseServer<?> server = started(request -> {
            int limit = ((DatagramRequest) request).maxReplySize();
            if ("long".equals(Handlers.line(request))) {
                request.output().write(new byte[limit]);
                request.output().write(0);
            }
            request.output().write('.');
        });
        DatagramClient client = packets(server);
        client.send("long");
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertSame(DatagramTooLongException.class, end.failure().orElseThrow().getClass());
        int limit = ((DatagramRequest) events.started().get(0)).maxReplySize();
        assertEquals(
                new DatagramTooLongException(limit + 1, limit).getMessage(),
                end.failure().orElseThrow().getMessage());
        assertEquals(".", client.ask("short"));
    }

    @Test
    void everySizeArrivesWholeAndGoesBackWhole() throws Exception {
        BaseServer<?> server = started(Handlers.ECHO);
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
        BaseServer<?> server =
                started(Handlers.ECHO, options().maxDatagramSize(100).build());
        DatagramClient client = packets(server);
        client.send(new byte[101]);
        client.send(new byte[5_000]);
        byte[] fits = new byte[100];
        client.send(fits);
        assertArrayEquals(fits, client.receivePacket());
        assertEquals(List.of("100 dropped", "100 dropped"), events.truncated());
        assertEquals(1, events.started().size());
    }

    @Test
    void aPacketLongerThanTheLimitIsDeliveredCutAndMarkedWhenAskedFor() throws Exception {
        BaseServer<?> server = started(
                request -> {
                    DatagramRequest packet = (DatagramRequest) request;
                    Handlers.answer(request, packet.data().length + " " + packet.isTruncated());
                },
                options().maxDatagramSize(100).deliverTruncated(true).build());
        DatagramClient client = packets(server);
        client.send(new byte[101]);
        assertEquals("100 true", client.receive());
        client.send(new byte[100]);
        assertEquals("100 false", client.receive());
        assertEquals(List.of("100 delivered"), events.truncated());
    }

    @Test
    void aSenderThatHasGoneDoesNotHurtTheServer() throws Exception {
        BaseServer<?> server = started(request -> {
            String line = Handlers.line(request);
            if ("gone".equals(line)) {
                Thread.sleep(20);
            }
            Handlers.answer(request, "got " + line);
        });
        for (int i = 0; i < 5; i++) {
            try (Client gone = setup.transport().client(server.address())) {
                gone.send("gone");
            }
        }
        events.awaitEnds(5);
        for (int i = 0; i < 5; i++) {
            assertEquals("got here", packets(server).ask("here"));
        }
        assertTrue(hooks.failures.isEmpty(), hooks.failures.toString());
        assertTrue(server.shutdown(Duration.ofSeconds(5)).isClean());
    }
}
