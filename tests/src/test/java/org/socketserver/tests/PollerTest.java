package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/**
 * The JDK classes with which virtual threads wait for sockets are loaded soon after the first bind, and nothing else is
 * left behind.
 */
class PollerTest {
    @BeforeEach
    void onLinux() {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "needs Linux");
        assumeTrue(VirtualThreads.available(), "needs virtual threads");
    }

    private static String run(Class<?> main, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("-Xshare:auto"));
        all.addAll(List.of(options));
        ChildJvm.Result result = ChildJvm.run("ulimit -n 200", main, all);
        assertEquals(0, result.exit(), result.output());
        return result.output().strip();
    }

    @Test
    void aVirtualThreadCanWaitForTheFirstTimeWithoutFreeDescriptors() throws Exception {
        assertEquals("read 1", run(WaitWithoutDescriptors.class));
    }

    @Test
    void preloadingHappensOnceAndLeavesNothingOpen() throws Exception {
        assertEquals("pipes 0, again 0", run(BindTwice.class));
    }

    private static long descriptors(String kind) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(link -> target(link).startsWith(kind)).count();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closed) {
            return "";
        }
    }

    private static List<FileInputStream> openAllDescriptors() {
        List<FileInputStream> taken = new ArrayList<>();
        try {
            while (true) {
                taken.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException noneLeft) {
            return taken;
        }
    }

    /** Starts a server, takes all descriptors, and then lets a virtual thread wait. */
    static final class WaitWithoutDescriptors {
        private WaitWithoutDescriptors() {}

        public static void main(String[] args) throws Exception {
            try (ServerSocketChannel listener = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
                    SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                    SocketChannel accepted = listener.accept();
                    TcpServer server = new TcpServer(Transport.LOOPBACK, Handlers.ECHO::handle)) {
                server.mixIn(new ThreadingMixIn(ThreadKind.VIRTUAL));
                server.start();
                Preloaded.await();
                CompletableFuture<Integer> count = new CompletableFuture<>();
                Thread reader = VirtualThreads.newThread("reader", () -> {
                    try {
                        count.complete(accepted.read(ByteBuffer.allocate(1)));
                    } catch (Throwable failure) {
                        count.completeExceptionally(failure);
                    }
                });
                List<FileInputStream> taken = openAllDescriptors();
                reader.start();
                while (reader.getState() != Thread.State.WAITING && !count.isDone()) {
                    Thread.sleep(1);
                }
                client.write(ByteBuffer.allocate(1));
                String read = "read " + count.get(30, TimeUnit.SECONDS);
                for (FileInputStream one : taken) {
                    one.close();
                }
                System.out.println(read);
            }
        }
    }

    /** Binds one server after another. */
    static final class BindTwice {
        private BindTwice() {}

        public static void main(String[] args) throws Exception {
            long pipes = descriptors("pipe:");
            long before = bind();
            pipes = descriptors("pipe:") - pipes;
            System.out.println("pipes " + pipes + ", again " + (bind() - before));
        }

        /** Returns the number of descriptors after everything is loaded and the server is closed. */
        private static long bind() throws Exception {
            try (TcpServer server = new TcpServer(Transport.LOOPBACK, Handlers.ECHO::handle)) {
                server.bind();
                Preloaded.await();
            }
            return descriptors("");
        }
    }
}
