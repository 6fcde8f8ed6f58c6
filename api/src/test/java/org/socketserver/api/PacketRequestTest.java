package org.socketserver.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacketRequestTest {
    private final List<String> sent = new ArrayList<>();
    private final MemoryServer server = MemoryServer.of(request -> {});
    private final byte[] data = {'h', 'i'};
    private final PacketRequest request = new PacketRequest(
            data,
            true,
            MemoryConnection.CLIENT,
            server,
            10,
            (bytes, target) -> sent.add(StandardCharsets.UTF_8.decode(bytes) + " to " + AddressText.of(target)));

    @Test
    void aPacketIsItsExactBytesAndItsSender() throws IOException {
        assertSame(data, request.data());
        assertArrayEquals(data, request.input().readAllBytes());
        assertTrue(request.isTruncated());
        assertEquals(10, request.maxReplySize());
        assertEquals(MemoryConnection.CLIENT, request.clientAddress());
        assertEquals(MemoryConnection.SERVER, request.serverAddress());
        assertSame(server, request.server());
        assertEquals(2, request.bytesIn());
        request.drain();
        request.close();
    }

    @Test
    void whatIsWrittenBecomesOneReplyWhenTheHandlerIsDone() throws IOException {
        request.output().write('a');
        request.output().write(new byte[] {'-', 'b', 'c', '-'}, 1, 2);
        request.output().flush();
        assertEquals(List.of(), sent);
        request.complete();
        request.complete();
        assertEquals(List.of("abc to client:2"), sent);
        assertEquals(3, request.bytesOut());
    }

    @Test
    void nothingWrittenMeansNoReply() throws IOException {
        request.complete();
        assertEquals(List.of(), sent);
    }

    @Test
    void explicitRepliesLeaveAtOnceAndAsOftenAsWanted() throws IOException {
        request.reply(new byte[] {'1'});
        request.reply(ByteBuffer.wrap(new byte[] {'2', '2'}));
        assertEquals(List.of("1 to client:2", "22 to client:2"), sent);
        assertEquals(3, request.bytesOut());
    }

    @Test
    void aReplyLongerThanAPacketIsRefusedWithBothSizes() throws IOException {
        String message = "a reply of 11 bytes does not fit one packet, which holds at most 10 bytes";
        assertEquals(
                message,
                assertThrows(DatagramTooLongException.class, () -> request.reply(new byte[11]))
                        .getMessage());
        request.output().write(new byte[10]);
        assertEquals(
                message,
                assertThrows(
                                DatagramTooLongException.class,
                                () -> request.output().write(1))
                        .getMessage());
        assertFalse(sent.iterator().hasNext());
    }
}
