package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;
import org.socketserver.udp.UdpServer;
import org.socketserver.unix.UnixStreamServer;

/**
 * After a million connections and five million packets a server holds the same resources as before. Takes some
 * minutes, so it runs only on request:
 *
 * <pre>{@code
 * mvn test -pl tests -am -Dtest=SoakTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dsocketserver.soak.connections=1000000
 * }</pre>
 *
 * <p>There are five times as many packets as connections, or {@code -Dsocketserver.soak.packets}. The first 5 % of
 * each are the warm-up.
 */
@EnabledIfSystemProperty(named = "socketserver.soak.connections", matches = "\\d+", disabledReason = "takes minutes")
@Timeout(value = 12, unit = TimeUnit.HOURS)
class SoakTest {
    private static final int CLIENTS = 4;
    private static final long CONNECTIONS = Long.getLong("socketserver.soak.connections", 1_000_000);
    private static final long PACKETS = Long.getLong("socketserver.soak.packets", 5 * CONNECTIONS);

    /** How much more may be held at the end: the JDK's own resources, opened on first use. */
    private static final int MORE_DESCRIPTORS = 10;

    private static final int MORE_THREADS = 10;
    private static final long MORE_HEAP_KILOBYTES = 8 * 1024;

    private static final Object[] HEADER = {"what", "count", "s", "held", "descriptors", "threads", "heap KB"};
    private static final List<String> RESULTS = new ArrayList<>();

    /** Performs one exchange after another with one server. Used by one thread. */
    private interface Talk extends AutoCloseable {
        void exchange() throws IOException;

        @Override
        void close() throws IOException;
    }

    private interface Talks {
        Talk begin() throws IOException;
    }

    /** Connects, sends a line, reads the answer and the end of input. The reset then leaves no port in TIME_WAIT. */
    private record Connections(SocketAddress server) implements Talk {
        @Override
        public void exchange() throws IOException {
            try (SocketChannel channel = SocketChannel.open(server)) {
                StreamClient client = new StreamClient(channel);
                assertEquals("got it", client.ask("it"));
                assertTrue(client.isAtEnd());
                if (!(server instanceof UnixDomainSocketAddress)) {
                    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                }
            }
        }

        @Override
        public void close() {}
    }

    /** Sends packets and receives the replies with blocking calls. */
    private record Packets(DatagramChannel channel, ByteBuffer buffer) implements Talk {
        private static final byte[] PACKET = "it\n".getBytes(StandardCharsets.UTF_8);

        @Override
        public void exchange() throws IOException {
            channel.write(ByteBuffer.wrap(PACKET));
            buffer.clear();
            assertEquals("got it\n".length(), channel.read(buffer));
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Test
    void aMillionTcpConnectionsLeakNothing() throws Exception {
        try (TcpServer server = new TcpServer(Transport.LOOPBACK, Handlers.ONE_LINE)) {
            soak("TCP connections", server, CONNECTIONS, () -> new Connections(server.address()));
        }
    }

    @Test
    void aMillionUnixConnectionsLeakNothing() throws Exception {
        Path path = SocketNames.path().path().orElseThrow();
        try (UnixStreamServer server = new UnixStreamServer(path.toString(), Handlers.ONE_LINE)) {
            soak("Unix connections", server, CONNECTIONS, () -> new Connections(UnixDomainSocketAddress.of(path)));
        }
    }

    @Test
    void fiveMillionPacketsLeakNothing() throws Exception {
        try (UdpServer server = new UdpServer(Transport.LOOPBACK, Handlers.ONE_LINE)) {
            soak(
                    "UDP packets",
                    server,
                    PACKETS,
                    () -> new Packets(DatagramChannel.open().connect(server.address()), ByteBuffer.allocate(100)));
        }
    }

    @AfterAll
    static void printResults() {
        System.out.printf("soak: %-18s %11s %6s  %-13s %11s %7s %9s%n", HEADER);
        RESULTS.forEach(System.out::println);
    }

    private static String row(String what, long count, long millis, String when, Footprint held) {
        String done = count == 0 ? "" : String.format("%,d", count);
        String seconds = count == 0 ? "" : String.format("%,d", millis / 1_000);
        return String.format(
                "soak: %-18s %11s %6s  %-13s %11d %7d %,9d",
                what, done, seconds, when, held.descriptors(), held.threads(), held.heapKilobytes());
    }

    private static void soak(String what, BaseServer<?> server, long count, Talks talks) throws Exception {
        ChaosListener events = new ChaosListener();
        server.mixIn(new ThreadingMixIn());
        server.listener(events);
        server.start();
        long warm = count / 20 / CLIENTS * CLIENTS;
        run(what, warm, talks);
        Footprint before = quiet(server);
        long began = System.nanoTime();
        run(what, count - warm, talks);
        long took = ServingTest.millisSince(began);
        Footprint after = quiet(server);
        RESULTS.add(row(what, count - warm, took, "after warm-up", before));
        RESULTS.add(row("", 0, 0, "at the end", after));
        assertEquals(events.started(), events.stopped());
        assertTrue(after.descriptors() <= before.descriptors() + MORE_DESCRIPTORS, "descriptors");
        assertTrue(after.threads() <= before.threads() + MORE_THREADS, "threads");
        assertTrue(after.heapKilobytes() <= before.heapKilobytes() + MORE_HEAP_KILOBYTES, "heap");
    }

    /** Returns the footprint when no request is live. */
    private static Footprint quiet(BaseServer<?> server) throws InterruptedException {
        long began = System.nanoTime();
        while (!server.liveRequests().isEmpty()) {
            assertTrue(ServingTest.millisSince(began) < 20_000, () -> "not idle: " + server.liveRequests());
            Thread.sleep(5);
        }
        // Pooled platform threads end one second after their last request.
        while (Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("socketserver-idle"))) {
            assertTrue(ServingTest.millisSince(began) < 20_000, "idle threads do not end");
            Thread.sleep(5);
        }
        return Footprint.now();
    }

    /** Makes several clients perform the given number of exchanges in total. */
    private static void run(String what, long count, Talks talks) throws Exception {
        AtomicLong done = new AtomicLong();
        List<FutureTask<Void>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(ServingTest.inBackground(() -> {
                try (Talk talk = talks.begin()) {
                    while (done.incrementAndGet() <= count) {
                        talk.exchange();
                    }
                }
            }));
        }
        long reported = System.nanoTime();
        long soFar = 0;
        for (FutureTask<Void> client : clients) {
            while (!client.isDone()) {
                Thread.sleep(20);
                if (ServingTest.millisSince(reported) >= 10_000) {
                    reported = System.nanoTime();
                    long now = Math.min(done.get(), count);
                    System.out.printf("soak: %,d of %,d %s%n", now, count, what);
                    assertTrue(now > soFar, "no answer for 10 s");
                    soFar = now;
                }
            }
            client.get();
        }
    }
}
