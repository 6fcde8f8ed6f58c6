package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Limits;
import org.socketserver.api.Network;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestListener;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.spi.MixIn;
import org.socketserver.tcp.TcpServer;

class StatsLinesTest {
    private static final Pattern DURATIONS = Pattern.compile(", p50 ([0-9.]+) ms, p99 ([0-9.]+) ms$");

    private final List<String> lines = new ArrayList<>();
    private final AtomicLong clock = new AtomicLong();
    private final Semaphore ended = new Semaphore(0);

    /** Reads a byte, sleeps for that many ms, and sends ten bytes. */
    private final RequestHandler<StreamRequest> handler = request -> {
        Thread.sleep(request.input().read());
        request.output().write(new byte[10]);
    };

    private TcpServer serve(ServerOptions options) {
        return new TcpServer(new InetSocketAddress("127.0.0.1", 0), HandlerSource.ofFunction(handler), options);
    }

    private StatsLines start(TcpServer server) throws IOException {
        var stats =
                new StatsLines(server::stats, List.of(MixIn.SYNCHRONOUS), Duration.ofHours(1), lines::add, clock::get);
        server.listener(new RequestListener() {
            @Override
            public void requestStopped(Request request, RequestEnd end) {
                stats.requestStopped(request, end);
                ended.release();
            }
        });
        server.start();
        return stats;
    }

    /** Makes one request and waits until it has ended. */
    private void request(TcpServer server, int millis) throws IOException, InterruptedException {
        InetSocketAddress address = server.address();
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(millis);
            socket.getInputStream().readAllBytes();
        } catch (SocketException rejected) {
            // The server has reset the connection.
        }
        assertTrue(ended.tryAcquire(20, TimeUnit.SECONDS), "the request has not ended");
    }

    private String line(StatsLines stats, long seconds) {
        clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
        stats.write();
        return lines.get(lines.size() - 1);
    }

    @Test
    void ratesCoverTheTimeSinceThePreviousLine() throws Exception {
        try (TcpServer server = serve(ServerOptions.DEFAULTS)) {
            StatsLines stats = start(server);
            for (int i = 0; i < 4; i++) {
                request(server, 0);
            }
            String first = line(stats, 2);
            assertTrue(first.contains("; 2.0 requests/s, 2 bytes/s in, 20 out, p50 "), first);
            request(server, 0);
            String second = line(stats, 10);
            assertTrue(second.contains(" accepted 5,"), second);
            assertTrue(second.contains("; 0.1 requests/s, 0 bytes/s in, 1 out, p50 "), second);
        }
    }

    @Test
    void percentilesCoverTheRequestsThatEndedSinceThePreviousLine() throws Exception {
        try (TcpServer server = serve(ServerOptions.DEFAULTS)) {
            StatsLines stats = start(server);
            request(server, 0);
            request(server, 0);
            request(server, 120);
            Matcher durations = DURATIONS.matcher(line(stats, 1));
            assertTrue(durations.find(), lines.toString());
            double p50 = Double.parseDouble(durations.group(1));
            double p99 = Double.parseDouble(durations.group(2));
            assertTrue(p50 > 0 && p50 < p99 && p99 >= 120, lines.toString());

            String quiet = line(stats, 1);
            assertTrue(quiet.endsWith("; 0.0 requests/s, 0 bytes/s in, 0 out"), quiet);
        }
    }

    @Test
    void rejectedRequestsHaveNoDuration() throws Exception {
        Limits nobody = Limits.NONE.deny(Network.parse("127.0.0.0/8"));
        try (TcpServer server = serve(ServerOptions.DEFAULTS.limits(nobody))) {
            StatsLines stats = start(server);
            request(server, 0);
            String line = line(stats, 1);
            assertTrue(line.contains("rejected: denied 1"), line);
            assertFalse(line.contains("p50"), line);
            assertEquals(1, lines.size());
        }
    }
}
