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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.VirtualThreads;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/** What virtual threads need to wait for sockets is there once a server has served for a moment, and costs nothing more than that. */
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
    void aVirtualThreadCanWaitForTheFirstTimeWhenNoDescriptorIsLeftOnceAServerServes() throws Exception {
        assertEquals("read 1", run(WaitWithoutDescriptors.class));
    }

    @Test
    void preparingLeavesNoThreadAndNoPipeAndDoesNothingTheSecondTime() throws Exception {
        assertEquals("threads [], pipes 0, descriptors 0", run(PrepareTwice.class));
    }

    @Test
    void whatWasBegunOnABusyMachineIsDoneWithoutADescriptorMore() throws Exception {
        assertEquals(
                "false, then true",
                run(
                        PrepareWhenBusy.class,
                        "-Djdk.virtualThreadScheduler.parallelism=1",
                        "-Djdk.virtualThreadScheduler.maxPoolSize=1"));
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

    private static List<FileInputStream> takeAllDescriptors() {
        List<FileInputStream> taken = new ArrayList<>();
        try {
            while (true) {
                taken.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException noneLeft) {
            return taken;
        }
    }

    /** Serves for a moment, takes all descriptors, then lets a virtual thread wait. */
    static final class WaitWithoutDescriptors {
        private WaitWithoutDescriptors() {}

        public static void main(String[] args) throws Exception {
            CountDownLatch quiet = new CountDownLatch(1);
            try (ServerSocketChannel listener = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
                    SocketChannel client = SocketChannel.open(listener.getLocalAddress());
                    SocketChannel accepted = listener.accept();
                    TcpServer server = new TcpServer(Transport.LOOPBACK, Handlers.ECHO::handle) {
                        @Override
                        protected void serviceActions() {
                            super.serviceActions();
                            quiet.countDown();
                        }
                    }) {
                server.mixIn(new ThreadingMixIn(ThreadKind.VIRTUAL));
                server.start();
                quiet.await();
                Pollers.await();
                CompletableFuture<Integer> count = new CompletableFuture<>();
                Thread reader = VirtualThreads.newThread("reader", () -> {
                    try {
                        count.complete(accepted.read(ByteBuffer.allocate(1)));
                    } catch (Throwable failure) {
                        count.completeExceptionally(failure);
                    }
                });
                List<FileInputStream> taken = takeAllDescriptors();
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

    /** Prepares, and prepares again. */
    static final class PrepareTwice {
        private PrepareTwice() {}

        public static void main(String[] args) throws Exception {
            long pipes = descriptors("pipe:");
            while (!VirtualThreads.prepare()) {
                // The machine is busy.
            }
            for (int tries = 0; descriptors("pipe:") != pipes && tries < 2_000; tries++) {
                // The thread that was woken closes the end that it has read.
                Thread.sleep(10);
            }
            pipes = descriptors("pipe:") - pipes;
            long all = descriptors("");
            VirtualThreads.prepare();
            all = descriptors("") - all;
            List<String> threads = Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .filter(name -> name.startsWith("socketserver"))
                    .toList();
            System.out.println("threads " + threads + ", pipes " + pipes + ", descriptors " + all);
        }
    }

    /** Prepares while no virtual thread can run, and again when all descriptors are taken. */
    static final class PrepareWhenBusy {
        private PrepareWhenBusy() {}

        public static void main(String[] args) throws Exception {
            AtomicBoolean busy = new AtomicBoolean(true);
            VirtualThreads.newThread("busy", () -> {
                        while (busy.get()) {
                            Thread.onSpinWait();
                        }
                    })
                    .start();
            boolean first = VirtualThreads.prepare();
            busy.set(false);
            Pollers.await();
            List<FileInputStream> taken = takeAllDescriptors();
            boolean second = false;
            for (int tries = 0; !second && tries < 1_000; tries++) {
                second = VirtualThreads.prepare();
            }
            for (FileInputStream one : taken) {
                one.close();
            }
            System.out.println(first + ", then " + second);
        }
    }
}
