package org.socketserver.tests;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.DescriptorLock;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.HandOver;
import org.socketserver.tcp.TcpServer;
import org.socketserver.unix.UnixAddress;
import org.socketserver.unix.UnixStreamServer;

/**
 * An echo server in a process of its own that uses up its file descriptors on command. Its arguments are a transport, a
 * kind of concurrency, and the path or abstract name, if any. With worker processes, one is kept idle and at most
 * {@value #MAX_WORKERS} run.
 *
 * <p>It prints {@code ready ADDRESS} and then reads commands from standard input: {@code hold N} opens all descriptors
 * except N, {@code free} closes them. Each command is answered with a line. The process exits at the end of input.
 */
final class StarvingServer {
    private static final List<FileInputStream> HELD = new ArrayList<>(1_000);
    private static final int MAX_WORKERS = 30;

    private StarvingServer() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        // Load the classes this needs before the server starts.
        hold(0);
        free();
        Transport transport = Transport.valueOf(args[0]);
        Concurrency concurrency = Concurrency.valueOf(args[1]);
        BaseServer<?> server = transport == Transport.TCP
                ? new TcpServer(Transport.LOOPBACK, HandlerSource.ofClass(Handlers.Echo.class), ServerOptions.DEFAULTS)
                : new UnixStreamServer(
                        transport == Transport.UNIX
                                ? UnixAddress.path(Path.of(args[2]))
                                : UnixAddress.abstractName(args[2]),
                        HandlerSource.ofClass(Handlers.Echo.class),
                        ServerOptions.DEFAULTS);
        if (concurrency.isForking()) {
            server.mixIn(new ForkingMixIn()
                    .handOver(concurrency == Concurrency.FORKING_RELAY ? HandOver.RELAY : HandOver.DESCRIPTOR)
                    .minIdle(1)
                    .idleTimeout(Duration.ofMillis(500))
                    .maxChildren(MAX_WORKERS));
        } else {
            concurrency.mixInto(server);
        }
        server.start();
        Preloaded.await();
        loadFolders();
        System.out.println(
                "ready " + (server instanceof TcpServer tcp ? tcp.address().getPort() : args[2]));
        var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            if (line.startsWith("hold ")) {
                hold(Integer.parseInt(line.substring(5)));
                System.out.println("held");
            } else {
                free();
                System.out.println("free");
            }
        }
        System.exit(0);
    }

    /** Loads all classes in folders, each of which would need a descriptor. A jar stays open. */
    private static void loadFolders() throws IOException {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path folder = Path.of(entry);
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.walk(folder)) {
                    files.map(file -> folder.relativize(file).toString())
                            .filter(file -> file.endsWith(".class") && !file.contains("-info"))
                            .forEach(StarvingServer::load);
                }
            }
        }
    }

    private static void load(String file) {
        try {
            String name = file.substring(0, file.length() - ".class".length()).replace(File.separatorChar, '.');
            Class.forName(name, false, StarvingServer.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError notHere) {
            // It needs an optional dependency.
        }
    }

    private static void hold(int spare) throws IOException, InterruptedException {
        // Several times, because the JVM sometimes has a file open for a moment.
        for (int i = 0; i < 5; i++) {
            // Not while the server has released its reserve descriptor for a moment: it could not get it back.
            DescriptorLock.exclusive(StarvingServer::takeAll);
            Thread.sleep(10);
        }
        for (int i = 0; i < spare; i++) {
            HELD.remove(HELD.size() - 1).close();
        }
    }

    private static int takeAll() {
        try {
            while (true) {
                HELD.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException noneLeft) {
            return HELD.size();
        }
    }

    private static void free() throws IOException {
        for (FileInputStream one : HELD) {
            one.close();
        }
        HELD.clear();
    }
}
