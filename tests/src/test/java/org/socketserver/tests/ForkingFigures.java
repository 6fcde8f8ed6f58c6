package org.socketserver.tests;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.spi.MixIn;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.HandOver;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/**
 * Measures the cost of worker processes, compared with threads and with CPython's ForkingTCPServer. A program, not a
 * test. All contenders are measured in turn, several rounds in one run.
 *
 * <p>Line: 16 clients, each of which makes one connection after another, sends a line and reads the answer to its end.
 * Echo: one connection, 64 bytes in each direction.
 *
 * <p>Each contender is warmed up for four times as long. Workers get the JVM options of the system property
 * {@code figures.workerOptions}, separated by spaces.
 */
final class ForkingFigures {
    private static final int CLIENTS = 16;
    private static final int LONG_BYTES = 64;
    /** Ratio of warm-up to measurement, because each worker compiles its own hot code. */
    private static final int WARM_UP = 4;

    private static final String OPTIONS = "figures.workerOptions";
    /** Twice the number of processors. */
    private static final int WORKERS =
            Integer.getInteger("figures.workers", 2 * Runtime.getRuntime().availableProcessors());

    private static final String CPYTHON = """
            import socketserver
            class Line(socketserver.StreamRequestHandler):
                def handle(self):
                    self.wfile.write(self.rfile.readline().upper())
            class Server(socketserver.ForkingTCPServer):
                allow_reuse_address = True
                request_queue_size = 128
            server = Server(("127.0.0.1", 0), Line)
            print(server.server_address[1], flush=True)
            server.serve_forever()
            """;

    private ForkingFigures() {}

    public static final class Line extends StreamRequestHandler {
        @Override
        public void handle() throws IOException {
            writeLine(readLine().toUpperCase(java.util.Locale.ROOT));
        }
    }

    public static final class Echo implements org.socketserver.api.RequestHandler<StreamRequest> {
        @Override
        public void handle(StreamRequest request) throws IOException {
            request.input().transferTo(request.output());
        }
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("serve")) {
            serve(arguments[1], arguments[2]);
            return;
        }
        int rounds = Integer.parseInt(arguments[0]);
        long millis = Long.parseLong(arguments[1]);
        List<String> contenders = new ArrayList<>();
        List.of("cpython", "threads", "forking", "compiled", "relay", "once")
                .forEach(name -> contenders.add("line " + name));
        List.of("threads", "forking", "relay").forEach(name -> contenders.add("echo " + name));
        if (arguments.length > 2) {
            contenders.removeIf(name -> !name.contains(arguments[2]));
        }
        Map<String, Integer> ports = new LinkedHashMap<>();
        List<Process> servers = new ArrayList<>();
        try {
            Map<String, List<Double>> figures = new LinkedHashMap<>();
            for (int round = 0; round < rounds; round++) {
                for (String contender : contenders) {
                    Process server = start(contender);
                    servers.add(server);
                    int port = Integer.parseInt(
                            new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))
                                    .readLine());
                    ports.put(contender, port);
                    measure(contender, port, WARM_UP * millis);
                    double before = processorMicros(server.toHandle());
                    double perSecond = measure(contender, port, millis);
                    double micros = (processorMicros(server.toHandle()) - before) / perSecond / millis * 1_000;
                    figures.computeIfAbsent(contender, name -> new ArrayList<>())
                            .add(perSecond);
                    System.out.printf(
                            "round %d  %-14s %,10.0f/s  %,10.1f us of CPU time each%n",
                            round + 1, contender, perSecond, micros);
                    server.destroy();
                    server.waitFor();
                }
            }
            figures.forEach((name, all) -> {
                double[] sorted =
                        all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
                System.out.printf(
                        "%-14s median %,10.0f/s   from %,.0f to %,.0f%n",
                        name, sorted[sorted.length / 2], sorted[0], sorted[sorted.length - 1]);
            });
        } finally {
            servers.forEach(Process::destroyForcibly);
        }
    }

    private static Process start(String contender) throws IOException {
        String[] words = contender.split(" ");
        List<String> command = words[1].equals("cpython")
                ? List.of("python3", "-c", CPYTHON)
                : new ArrayList<>(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-D" + OPTIONS + "=" + System.getProperty(OPTIONS, ""),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ForkingFigures.class.getName(),
                        "serve",
                        words[0],
                        words[1]));
        return new ProcessBuilder(command).redirectError(new File("/dev/null")).start();
    }

    private static void serve(String handler, String way) throws IOException {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        TcpServer server =
                handler.equals("line") ? new TcpServer(address, Line.class) : new TcpServer(address, Echo.class);
        MixIn mixIn = switch (way) {
            case "threads" -> new ThreadingMixIn();
            case "forking" -> workers().maxChildren(WORKERS).handOver(HandOver.DESCRIPTOR);
            case "compiled" ->
                workers().maxChildren(WORKERS).handOver(HandOver.DESCRIPTOR).workerOption("-XX:TieredStopAtLevel=4");
            case "relay" -> workers().maxChildren(WORKERS).handOver(HandOver.RELAY);
            case "once" -> workers().minIdle(4).requestsPerChild(1).handOver(HandOver.DESCRIPTOR);
            default -> throw new IllegalArgumentException(way);
        };
        server.mixIn(mixIn);
        server.bind();
        System.out.println(server.address().getPort());
        server.serveForever();
    }

    private static ForkingMixIn workers() {
        ForkingMixIn workers = new ForkingMixIn();
        for (String option : System.getProperty(OPTIONS, "").split(" ")) {
            if (!option.isEmpty()) {
                workers.workerOption(option);
            }
        }
        return workers;
    }

    /** Returns the CPU time of a process, its children and its ended children. */
    private static double processorMicros(ProcessHandle server) throws IOException {
        double ticks = ticks(server.pid(), 4);
        for (ProcessHandle child : server.children().toList()) {
            try {
                ticks += ticks(child.pid(), 2);
            } catch (NoSuchFileException ended) {
                // Its parent reports its time now or later.
            }
        }
        return ticks * 10_000;
    }

    /** Returns the sum of the given number of fields of /proc/pid/stat (proc(5)), starting at utime. */
    private static double ticks(long pid, int fields) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        double ticks = 0;
        for (int i = 11; i < 11 + fields; i++) {
            ticks += Double.parseDouble(words[i]);
        }
        return ticks;
    }

    private static double measure(String contender, int port, long millis) throws InterruptedException {
        AtomicLong done = new AtomicLong();
        long began = System.nanoTime();
        long end = began + millis * 1_000_000;
        boolean echo = contender.startsWith("echo");
        Thread[] clients = new Thread[echo ? 1 : CLIENTS];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = new Thread(() -> {
                try {
                    if (echo) {
                        echo(port, end, done);
                    } else {
                        lines(port, end, done);
                    }
                } catch (IOException failure) {
                    System.out.println(contender + ": " + failure);
                }
            });
        }
        Arrays.stream(clients).forEach(Thread::start);
        for (Thread client : clients) {
            client.join();
        }
        return done.get() * 1e9 / (System.nanoTime() - began);
    }

    private static void lines(int port, long end, AtomicLong done) throws IOException {
        byte[] line = "a line of some length\n".getBytes(StandardCharsets.US_ASCII);
        byte[] answer = new byte[100];
        while (System.nanoTime() < end) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write(line);
                InputStream input = socket.getInputStream();
                int length = 0;
                for (int count = input.read(answer); count > 0; count = input.read(answer)) {
                    length += count;
                }
                if (length != line.length) {
                    throw new IOException(length + " bytes were echoed");
                }
                done.incrementAndGet();
            }
        }
    }

    private static void echo(int port, long end, AtomicLong done) throws IOException {
        byte[] bytes = new byte[LONG_BYTES];
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            while (System.nanoTime() < end) {
                socket.getOutputStream().write(bytes);
                if (socket.getInputStream().readNBytes(bytes, 0, LONG_BYTES) < LONG_BYTES) {
                    throw new IOException("the input ended early");
                }
                done.incrementAndGet();
            }
        }
    }
}
