package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.server.DatagramServer;
import org.socketserver.udp.UdpServer;
import org.socketserver.unix.UnixAddress;
import org.socketserver.unix.UnixDatagramServer;

/** Packets of all sizes are echoed exactly. They are sent one at a time, so that none is lost. */
class DatagramSizeTest {
    private static final RequestHandler<DatagramRequest> ECHO = request -> request.reply(request.data());

    private static void assertExact(IntStream sizes, DatagramServer server, Transport transport) throws Exception {
        byte[] bytes = new byte[65_535];
        new Random(5).nextBytes(bytes);
        try (server) {
            server.start();
            try (DatagramClient client = (DatagramClient) transport.client(server.address())) {
                for (int size : sizes.toArray()) {
                    // The tail of the array, so that consecutive packets differ at every index and no stale byte
                    // passes.
                    byte[] packet = Arrays.copyOfRange(bytes, bytes.length - size, bytes.length);
                    client.send(packet);
                    assertArrayEquals(packet, client.receivePacket(), () -> size + " bytes");
                }
            }
        }
    }

    /** Tests every 13th size, with {@code -Pexhaustive} every size. */
    @Test
    void everySizeThatUdpCanHoldIsEchoed() throws Exception {
        int step = Setup.EXHAUSTIVE ? 1 : 13;
        IntStream sizes = IntStream.concat(
                IntStream.iterate(0, size -> size < 65_470, size -> size + step),
                IntStream.rangeClosed(65_470, 65_507));
        assertExact(sizes, new UdpServer(Transport.LOOPBACK, ECHO), Transport.UDP);
    }

    /** Starts at 1, because junixsocket's channels do not distinguish an empty packet from none. */
    @Test
    void sizesUpToTheDefaultMaximumAreEchoedOverUnixDatagrams() throws Exception {
        IntStream sizes = IntStream.concat(
                IntStream.iterate(1, size -> size <= 65_535, size -> size + 61), IntStream.rangeClosed(65_500, 65_535));
        UnixAddress path = SocketNames.path();
        assertExact(sizes, new UnixDatagramServer(path, ECHO), Transport.UNIX_DATAGRAM);
    }
}
