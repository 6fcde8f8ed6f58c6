package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.DatagramTooLongException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.internal.AddressText;

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
    void aPacketHasItsBytesAndItsSender() throws IOException {
        assertSame(data, request.data());
        assertArrayEquals(data, request.input().readAllBytes());
        assertTrue(request.isTruncated());
        assertEquals(10, request.maxReplySize());
        assertEquals(MemoryConnection.CLIENT, request.clientAddress());
        assertEquals(MemoryConnection.SERVER, request.serverAddress());
        assertSame(server, request.server());
        assertEquals(2, request.bytesIn());
        request.drain(null);
        request.close();
    }

    @Test
    void theOutputIsSentAsOneReplyAfterTheHandler() throws IOException {
        request.output().write('a');
        request.output().write(new byte[] {'-', 'b', 'c', '-'}, 1, 2);
        request.output().flush();
        assertEquals(List.of(), sent);
        request.complete();
        request.complete();
        assertEquals(List.of("abc to client:2"), sent);
        assertEquals(3, request.bytesOut());
    }

    static Stream<Exception> ofTheAddress() {
        return Stream.of(
                new UnresolvedAddressException(),
                new BindException("Permission denied"),
                new ConnectException("Connection refused"),
                new NoRouteToHostException("No route to host"),
                new PortUnreachableException(),
                new SocketException("Can't send to port 0"),
                new SocketException("Invalid argument"),
                new SocketException("Network is unreachable"),
                new SocketException("Network is down"),
                new SocketException("Operation not permitted"));
    }

    private DatagramRequest failing(Exception failure) {
        return new PacketRequest(data, false, MemoryConnection.CLIENT, server, 10, new PacketRequest.Sender() {
            @Override
            public void send(ByteBuffer bytes, SocketAddress target) throws IOException {
                if (failure instanceof IOException checked) {
                    throw checked;
                }
                throw (RuntimeException) failure;
            }

            @Override
            public boolean offer(ByteBuffer bytes, SocketAddress target) throws IOException {
                send(bytes, target);
                return true;
            }
        });
    }

    @ParameterizedTest
    @MethodSource("ofTheAddress")
    void aReplyToAnUnreachableAddressIsADisconnect(Exception failure) {
        DatagramRequest request = failing(failure);
        DisconnectedException thrown = assertThrows(DisconnectedException.class, () -> request.reply(new byte[] {1}));
        assertTrue(thrown.getMessage().startsWith("client:2 can't be reached: "), thrown.getMessage());
        assertSame(failure, thrown.getCause());
        assertEquals(0, request.bytesOut());
        ((PacketRequest) request).reject(new byte[] {1});
        assertEquals(0, request.bytesOut());
    }

    @Test
    void anotherFailureOfAReplyIsNotWrapped() {
        for (Exception failure : List.of(
                new SocketException("Message too long"),
                new SocketException("No buffer space available"),
                new SocketException(),
                new IOException("Network is unreachable"),
                new ClosedChannelException())) {
            DatagramRequest request = failing(failure);
            assertSame(failure, assertThrows(IOException.class, () -> request.reply(new byte[] {1})));
        }
    }

    @Test
    void withoutOutputThereIsNoReply() throws IOException {
        request.complete();
        assertEquals(List.of(), sent);
    }

    @Test
    void explicitRepliesAreSentAtOnce() throws IOException {
        request.reply(new byte[] {'1'});
        request.reply(ByteBuffer.wrap(new byte[] {'2', '2'}));
        assertEquals(List.of("1 to client:2", "22 to client:2"), sent);
        assertEquals(3, request.bytesOut());
    }

    @Test
    void aReplyThatIsTooLongIsRejectedWithBothSizes() throws IOException {
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
