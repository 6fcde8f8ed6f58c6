package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SenderFilterTest {
    private static final int PORT = 8088;

    private static boolean canAnswer(String bound, SocketAddress sender) {
        return new SenderFilter(new InetSocketAddress(bound, PORT)).canAnswer(sender);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "::1, ::1",
        "::1, 0:0:0:0:0:0:0:1",
        "0.0.0.0, 127.0.0.1",
        "0.0.0.0, 127.8.9.10",
        "0.0.0.0, 0.0.0.0",
        "::, 127.0.0.1",
        "::, ::1",
        "::, ::"
    })
    void theServersOwnAddressIsNotAnswered(String bound, String sender) {
        assertFalse(canAnswer(bound, new InetSocketAddress(sender, PORT)));
        assertTrue(canAnswer(bound, new InetSocketAddress(sender, PORT + 1)), "another port");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.2",
        "192.0.2.7, 127.0.0.1",
        "::1, 127.0.0.1",
        "::1, ::2",
        "0.0.0.0, 198.51.100.7",
        "::, 2001:db8::7"
    })
    void anotherAddressWithTheServersPortIsAnswered(String bound, String sender) {
        assertTrue(canAnswer(bound, new InetSocketAddress(sender, PORT)));
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.2", "::, 2001:db8::7", "::, 127.0.0.1"})
    void portZeroIsNotAnswered(String bound, String sender) {
        assertFalse(canAnswer(bound, new InetSocketAddress(sender, 0)));
    }

    @Test
    void anIpv4MappedAddressCountsAsIpv4() throws Exception {
        byte[] bytes = new byte[16];
        bytes[10] = -1;
        bytes[11] = -1;
        System.arraycopy(InetAddress.getByName("127.0.0.1").getAddress(), 0, bytes, 12, 4);
        InetSocketAddress mapped = new InetSocketAddress(Inet6Address.getByAddress(null, bytes, 0), PORT);
        assertFalse(canAnswer("127.0.0.1", mapped));
        assertFalse(canAnswer("::", mapped));
        assertTrue(canAnswer("127.0.0.2", mapped));
    }

    @Test
    void theZoneOfAnAddressIsIgnored() throws Exception {
        byte[] bytes = InetAddress.getByName("fe80::7").getAddress();
        InetSocketAddress bound = new InetSocketAddress(Inet6Address.getByAddress(null, bytes, 2), PORT);
        assertFalse(new SenderFilter(bound).canAnswer(new InetSocketAddress("fe80::7", PORT)));
        assertTrue(new SenderFilter(bound).canAnswer(new InetSocketAddress("fe80::8", PORT)));
    }

    @Test
    void aUnixAddressIsComparedByEquals() {
        SenderFilter filter = new SenderFilter(UnixDomainSocketAddress.of("/run/s"));
        assertFalse(filter.canAnswer(UnixDomainSocketAddress.of("/run/s")));
        assertTrue(filter.canAnswer(UnixDomainSocketAddress.of("/run/c")));
        assertTrue(filter.canAnswer(UnixDomainSocketAddress.of("")));
    }

    /** Like an address of junixsocket, which extends InetSocketAddress but has no port. */
    private static final class Portless extends InetSocketAddress {
        private static final long serialVersionUID = 1L;

        Portless() {
            super(InetAddress.getLoopbackAddress(), 0);
        }
    }

    @Test
    void portZeroOfAnAddressWithoutPortsIsAnswered() {
        assertTrue(canAnswer("127.0.0.1", new Portless()));
    }

    @Test
    void anUnresolvedAddressIsAnswered() {
        assertTrue(canAnswer("::", InetSocketAddress.createUnresolved("somewhere", PORT)));
        assertTrue(new SenderFilter(InetSocketAddress.createUnresolved("here", PORT))
                .canAnswer(new InetSocketAddress("127.0.0.1", PORT)));
    }
}
