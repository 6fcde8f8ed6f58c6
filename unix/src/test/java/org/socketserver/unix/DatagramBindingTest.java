package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.RequestHandler;

/** How a datagram socket is kept from its peers until its file has its permissions, and opened to them then. */
@EnabledOnOs(OS.LINUX)
class DatagramBindingTest {
    private static final RequestHandler<DatagramRequest> ECHO = request -> request.reply(request.data());
    private static final int BINDS = 150;

    @TempDir
    private Path folder;

    /** A socket that is kept from its peers by another. */
    private static final class Guarded implements AutoCloseable {
        private final UnixAddress address = Peers.freshName();
        private final AFUNIXDatagramChannel guard;
        private final AFUNIXDatagramChannel channel;

        Guarded() throws IOException {
            UnixAddress guardAddress = Peers.freshName();
            guard = Peers.datagram(guardAddress);
            channel = Peers.datagram(UnixAddress.unnamed());
            channel.connect(NativeSockets.address(guardAddress));
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, false);
            channel.bind(NativeSockets.address(address));
        }

        void release(Duration forkToExec) throws IOException {
            DatagramBinding.release(channel, guard, forkToExec);
        }

        void hears(String text) throws IOException {
            try (AFUNIXDatagramChannel peer = Peers.datagram(Peers.freshName())) {
                Peers.send(peer, text, address);
                assertEquals(text, Peers.receive(channel));
            }
        }

        @Override
        public void close() throws IOException {
            guard.close();
            channel.close();
        }
    }

    @Test
    void aServerIsBoundWhileOtherProcessesAreStarted() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Integer> starting = CompletableFuture.supplyAsync(() -> start(over));
        try {
            for (int i = 0; i < BINDS && !starting.isDone(); i++) {
                try (var server = new UnixDatagramServer(folder.resolve("s" + i), ECHO)) {
                    server.bind();
                }
            }
        } finally {
            over.set(true);
        }
        int started = starting.get(30, TimeUnit.SECONDS);
        Assumptions.assumeTrue(started > 0, "there is no program named true");
    }

    /** Starts processes, one after another; gives how many. */
    private static int start(AtomicBoolean over) {
        int started = 0;
        try {
            while (!over.get()) {
                new ProcessBuilder("true").start().waitFor();
                started++;
            }
        } catch (IOException absent) {
            return 0;
        } catch (InterruptedException never) {
            throw new IllegalStateException(never);
        }
        return started;
    }

    @Test
    void aCopyOfTheGuardThatAnotherProcessHasForAWhileIsWaitedForAndAnInterruptIsKept() throws Exception {
        try (Guarded socket = new Guarded()) {
            DescriptorCopy copy = DescriptorCopy.of(socket.guard);
            FutureTask<Boolean> released = new FutureTask<>(() -> {
                socket.release(Duration.ofSeconds(20));
                return Thread.interrupted();
            });
            Thread releasing = new Thread(released);
            releasing.start();
            while (socket.guard.isOpen()) {
                Thread.onSpinWait();
            }
            releasing.interrupt();
            // As many tries as there are in that time fail.
            Thread.sleep(20);
            assertFalse(released.isDone());
            copy.close();
            assertTrue(released.get(30, TimeUnit.SECONDS));
            socket.hears("hello");
        }
    }

    @Test
    void anInterruptIsNotInTheWayAndIsKept() throws Exception {
        try (Guarded socket = new Guarded()) {
            Thread.currentThread().interrupt();
            try {
                socket.release(Duration.ofSeconds(20));
            } finally {
                assertTrue(Thread.interrupted());
            }
            socket.hears("hello");
        }
    }

    @Test
    void aCopyOfTheGuardThatStaysIsAnErrorThatTellsForHowLong() throws Exception {
        try (Guarded socket = new Guarded();
                DescriptorCopy copy = DescriptorCopy.of(socket.guard)) {
            IOException failure = assertThrows(IOException.class, () -> socket.release(Duration.ofMillis(15)));
            assertEquals(
                    "the socket can't be opened to its peers: for 15 ms a process that is being started has had a copy of the"
                            + " descriptor that keeps them out",
                    failure.getMessage());
            assertTrue(copy.channel().isOpen());
        }
    }
}
