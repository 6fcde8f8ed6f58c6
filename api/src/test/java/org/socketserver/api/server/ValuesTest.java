package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.Checks;
import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.api.spi.InternetFamily;

class ValuesTest {
    @Test
    void addressesAreFormattedInTheirShortestForm() throws Exception {
        InetAddress v4 = InetAddress.getByAddress("a.name", new byte[] {127, 0, 0, 1});
        assertEquals("127.0.0.1:80", AddressText.of(new InetSocketAddress(v4, 80)));
        for (String host :
                List.of("::1", "::", "1::", "1:0:2::3", "1:2:3:4:5:6:7:8", "10:0:100::", "1:0:2:3:4:5:6:7")) {
            assertEquals("[" + host + "]:80", AddressText.of(new InetSocketAddress(InetAddress.getByName(host), 80)));
        }
        InetAddress scoped =
                Inet6Address.getByAddress("x", InetAddress.getByName("fe80::1").getAddress(), 1);
        assertTrue(AddressText.of(new InetSocketAddress(scoped, 80)).startsWith("[fe80::1%"), "scope");
        assertEquals("host:1", AddressText.of(InetSocketAddress.createUnresolved("host", 1)));
    }

    @Test
    void theProtocolFamilyIsThatOfTheAddress() throws Exception {
        ServerOptions dual = ServerOptions.DEFAULTS;
        ServerOptions single = ServerOptions.DEFAULTS.dualStack(false);
        InetSocketAddress v4 = new InetSocketAddress("127.0.0.1", 0);
        InetSocketAddress v6 = new InetSocketAddress("::1", 0);
        InetSocketAddress any4 = new InetSocketAddress("0.0.0.0", 0);
        InetSocketAddress any6 = new InetSocketAddress("::", 9);
        assertEquals(Optional.of(StandardProtocolFamily.INET), InternetFamily.of(v4, dual));
        assertEquals(Optional.of(StandardProtocolFamily.INET6), InternetFamily.of(v6, dual));
        assertEquals(Optional.empty(), InternetFamily.of(any4, dual));
        assertEquals(Optional.empty(), InternetFamily.of(any6, dual));
        assertEquals(Optional.of(StandardProtocolFamily.INET), InternetFamily.of(any4, single));
        String message = assertThrows(UnsupportedOperationException.class, () -> InternetFamily.of(any6, single))
                .getMessage();
        assertTrue(message.contains("[::]:9 for IPv6 peers only"), message);
    }

    @Test
    void anUnknownHostIsRejectedWithItsName() {
        assertEquals(
                "the host no.such.host is unknown",
                assertThrows(
                                UnknownHostException.class,
                                () -> InternetFamily.resolve(InetSocketAddress.createUnresolved("no.such.host", 1)))
                        .getMessage());
    }

    @Test
    void aLiveRequestIsFormattedWithClientAgeAndStackFrame() {
        StackTraceElement frame = new StackTraceElement("Shout", "handle", "Shout.java", 12);
        InetSocketAddress client = new InetSocketAddress("127.0.0.1", 5000);
        assertEquals(
                "#7 from 127.0.0.1:5000, 1200 ms, at Shout.handle(Shout.java:12)",
                new LiveRequest(7, client, Duration.ofMillis(1200), false, "t", List.of(frame)).toString());
        assertEquals(
                "#8 from 127.0.0.1:5000, 0 ms, not in a handler",
                new LiveRequest(8, client, Duration.ZERO, false, "", List.of()).toString());
    }

    @Test
    void aReportIsCleanIfAllRequestsWereDrained() {
        LiveRequest request = new LiveRequest(1, MemoryConnection.CLIENT, Duration.ZERO, false, "", List.of());
        assertTrue(new ShutdownReport(3, List.of(), List.of()).isClean());
        assertFalse(new ShutdownReport(3, List.of(request), List.of()).isClean());
        assertFalse(new ShutdownReport(3, List.of(), List.of(request)).isClean());
    }

    @Test
    void durationsTooLongForNanosecondsAreCapped() {
        assertEquals(Long.MAX_VALUE, Checks.nanos(Duration.ofDays(1_000_000)));
    }

    @Test
    void virtualThreadsAreAvailableSinceJava21() throws Exception {
        boolean expected = Runtime.version().feature() >= 21;
        assertEquals(expected, VirtualThreads.available());
        assertFalse(VirtualThreads.isCurrent());
        CompletableFuture<String> seen = new CompletableFuture<>();
        Runnable work = () -> seen.complete(Thread.currentThread().getName() + " " + VirtualThreads.isCurrent());
        if (expected) {
            VirtualThreads.newThread("light", work).start();
            assertEquals("light true", seen.get());
        } else {
            String message = assertThrows(
                            UnsupportedOperationException.class, () -> VirtualThreads.newThread("light", work))
                    .getMessage();
            assertTrue(message.contains("has no virtual threads; they need Java 21 or later"), message);
        }
    }
}
