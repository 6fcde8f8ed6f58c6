package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Limits;
import org.socketserver.api.Rejection;
import org.socketserver.api.Request;
import org.socketserver.api.ServerOptions;
import org.socketserver.mixins.ThreadingMixIn;

/** Which addresses count as the same client. */
class ClientPrefixTest {
    private final CountDownLatch over = new CountDownLatch(1);
    private final BlockingQueue<SocketAddress> handled = ServingTest.box();
    private final RecordingListener events = new RecordingListener();

    private void handle(Request request) throws InterruptedException {
        handled.add(request.clientAddress());
        over.await();
    }

    private static InetSocketAddress sender(String host) throws UnknownHostException {
        InetAddress address = host.startsWith("mapped ")
                ? Inet6Address.getByAddress(null, mapped(host.replace("mapped ", "")), 0)
                : InetAddress.getByName(host);
        return new InetSocketAddress(address, 9);
    }

    /** Returns the bytes of {@code ::ffff:a.b.c.d}, which the JDK would convert to IPv4. */
    private static byte[] mapped(String ipv4) throws UnknownHostException {
        byte[] bytes = new byte[16];
        bytes[10] = (byte) 0xff;
        bytes[11] = (byte) 0xff;
        System.arraycopy(InetAddress.getByName(ipv4).getAddress(), 0, bytes, 12, 4);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({
        "64, 2001:db8::1, 2001:db8::ffff:0:0:2, 2001:db8:0:1::1",
        "64, fe80::1, fe80::2, fe80:0:0:1::1",
        "48, 2001:db8::1, 2001:db8:0:ffff::2, 2001:db8:1::1",
        "1, 2001:db8::1, 7fff::1, 8000::1",
        "127, 2001:db8::2, 2001:db8::3, 2001:db8::4",
        "128, 2001:db8::1, 2001:db8::1, 2001:db8::2",
        "64, 192.0.2.1, 192.0.2.1, 192.0.2.2",
        "1, 192.0.2.1, mapped 192.0.2.1, mapped 192.0.2.2"
    })
    void addressesThatShareThePrefixAreOneClient(int bits, String first, String same, String other) throws Exception {
        assertOneClient(Limits.NONE.perClientPrefix(bits), first, same, other);
    }

    @ParameterizedTest
    @CsvSource("2001:db8::1, 2001:db8::ffff:0:0:2, 2001:db8:0:1::1")
    void thePrefixIs64BitsByDefault(String first, String same, String other) throws Exception {
        assertOneClient(Limits.NONE, first, same, other);
    }

    private void assertOneClient(Limits limits, String first, String same, String other) throws Exception {
        ServerOptions options = ServerOptions.DEFAULTS.limits(limits.perClient(1));
        try (ForgingUdpServer server =
                new ForgingUdpServer(Transport.LOOPBACK, HandlerSource.ofFunction(this::handle), options)) {
            server.mixIn(new ThreadingMixIn());
            server.listener(events);
            server.start();
            server.sendFrom(sender(first), "x");
            ServingTest.take(handled);
            server.sendFrom(sender(same), "x");
            assertEquals(
                    List.of(Rejection.PER_CLIENT),
                    events.awaitEnds(1).stream()
                            .flatMap(end -> Stream.ofNullable(end.rejection().orElse(null)))
                            .toList());
            server.sendFrom(sender(other), "x");
            assertEquals(sender(other), ServingTest.take(handled));
            over.countDown();
        }
    }
}
