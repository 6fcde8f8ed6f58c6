package org.socketserver.tests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.socketserver.api.Deadline;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/**
 * A TCP server in a process of its own that answers lines, ends silent connections, and fills its heap on command.
 *
 * <p>It prints {@code ready PORT}. On {@code fill} it keeps its heap full for {@value #SECONDS} s, frees it, and prints
 * {@code freed}. On {@code idle} it waits until there are no requests and prints {@code idle}, or the remaining
 * requests after 10 s. It exits at the end of input.
 */
final class HeapStarvedServer {
    static final int SECONDS = 2;
    static final Duration SILENCE = Duration.ofMillis(300);

    private static final int LARGEST = 1 << 20;
    private static final int SMALLEST = 16;

    private HeapStarvedServer() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        var server = new TcpServer(
                Transport.LOOPBACK,
                HandlerSource.ofFunction(Handlers.UPPER::handle),
                ServerOptions.DEFAULTS.deadline(Deadline.READ, SILENCE));
        var threads = new ThreadingMixIn(ThreadKind.PLATFORM);
        server.mixIn(threads);
        server.start();
        Preloaded.await();
        System.out.println("ready " + server.address().getPort());
        var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            if (command.equals("fill")) {
                keepFull();
                System.out.println("freed");
            } else {
                System.out.println(idle(server, threads));
            }
        }
        System.exit(0);
    }

    private static String idle(TcpServer server, ThreadingMixIn threads) throws InterruptedException {
        boolean idle = server.awaitIdle(Duration.ofSeconds(10)) && threads.active() == 0;
        return idle ? "idle" : threads.active() + " slots taken, " + server.liveRequests();
    }

    private static void keepFull() {
        List<byte[]> held = new ArrayList<>(1_000_000);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (System.nanoTime() < end) {
            fill(held);
        }
        held.clear();
    }

    /** Allocates all free memory, down to the last bytes. */
    private static void fill(List<byte[]> held) {
        for (int size = LARGEST; size >= SMALLEST; size /= 2) {
            try {
                while (held.size() < 999_999) {
                    held.add(new byte[size]);
                }
                return;
            } catch (OutOfMemoryError full) {
                // Try smaller arrays.
            }
        }
    }
}
