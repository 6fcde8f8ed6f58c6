package org.socketserver.tests;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.socketserver.api.BaseServer;
import org.socketserver.api.VirtualThreads;
import org.socketserver.tcp.TcpServer;
import org.socketserver.unix.UnixStreamServer;

/**
 * An echo server in a process of its own, which can be told to use up its descriptors: arguments are a transport, a way to
 * run requests, and the path where there is one.
 *
 * <p>It prints {@code ready ADDRESS}, then obeys its standard input, {@code hold N} (take all descriptors but N) and
 * {@code free} (give them back), answering each with a line, and exits at the end of it.
 */
final class StarvingServer {
    private static final List<FileInputStream> HELD = new ArrayList<>(1_000);
    private static final CountDownLatch QUIET = new CountDownLatch(1);

    private StarvingServer() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        // Once before there is a server, so that later nothing has to be loaded for it.
        hold(0);
        free();
        BaseServer<?> server = Transport.valueOf(args[0]) == Transport.TCP
                ? new TcpServer(Transport.LOOPBACK, Handlers.ECHO) {
                    @Override
                    protected void serviceActions() {
                        super.serviceActions();
                        QUIET.countDown();
                    }
                }
                : new UnixStreamServer(Path.of(args[2]), Handlers.ECHO) {
                    @Override
                    protected void serviceActions() {
                        super.serviceActions();
                        QUIET.countDown();
                    }
                };
        Concurrency.valueOf(args[1]).mixInto(server);
        server.start();
        // When nobody has come for a poll interval, the server is prepared for what is to come.
        QUIET.await();
        if (Concurrency.valueOf(args[1]) == Concurrency.VIRTUAL) {
            // On a busy machine that is begun only.
            Pollers.await();
            while (!VirtualThreads.prepare()) {
                Thread.sleep(10);
            }
        }
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

    private static void hold(int spare) throws IOException, InterruptedException {
        // Several times: the JVM has a file open for a moment now and then.
        for (int i = 0; i < 5; i++) {
            takeAll();
            Thread.sleep(10);
        }
        for (int i = 0; i < spare; i++) {
            HELD.remove(HELD.size() - 1).close();
        }
    }

    private static void takeAll() {
        try {
            while (true) {
                HELD.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException noneLeft) {
            // As wanted.
        }
    }

    private static void free() throws IOException {
        for (FileInputStream one : HELD) {
            one.close();
        }
        HELD.clear();
    }
}
