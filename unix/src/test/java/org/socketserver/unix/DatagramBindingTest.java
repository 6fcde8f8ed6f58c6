package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.newsclub.net.unix.AFUNIXDatagramChannel;

/** A datagram socket receives nothing until its file has its permissions. */
@EnabledOnOs(OS.LINUX)
class DatagramBindingTest {
    /** A socket that is connected to a guard socket, so that it receives nothing from others. */
    private static final class Guarded implements AutoCloseable {
        private final UnixAddress address = Peers.freshName();
        private final AFUNIXDatagramChannel guard;
        private final AFUNIXDatagramChannel channel;

        Guarded() throws IOException {
            UnixAddress guardAddress = Peers.freshName();
            guard = Peers.datagram(guardAddress);
            channel = Peers.datagram(UnixAddress.unnamed());
            channel.connect(guardAddress.forLibrary());
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, false);
            channel.bind(address.forLibrary());
        }

        void release(Duration forkToExec) throws IOException {
            DatagramBinding.release(channel, guard, forkToExec);
        }

        void assertReceives(String text) throws IOException {
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
    void releaseWaitsWhileAnotherProcessHasACopyOfTheGuardAndKeepsAnInterrupt() throws Exception {
        try (Guarded socket = new Guarded()) {
            FutureTask<Boolean> released = new FutureTask<>(() -> {
                socket.release(Duration.ofSeconds(20));
                return Thread.interrupted();
            });
            try (DescriptorCopy copy = DescriptorCopy.of(socket.guard)) {
                assertTrue(copy.channel().isOpen());
                Thread releasing = new Thread(released);
                releasing.setDaemon(true);
                releasing.start();
                while (socket.guard.isOpen() && !released.isDone()) {
                    Thread.sleep(1);
                }
                releasing.interrupt();
                // All attempts in this time fail.
                Thread.sleep(20);
                assertFalse(released.isDone());
            }
            assertTrue(released.get(30, TimeUnit.SECONDS));
            socket.assertReceives("hello");
        }
    }

    @Test
    void releaseOnAnInterruptedThreadKeepsTheInterrupt() throws Exception {
        try (Guarded socket = new Guarded()) {
            boolean kept;
            Thread.currentThread().interrupt();
            try {
                socket.release(Duration.ofSeconds(20));
            } finally {
                kept = Thread.interrupted();
            }
            assertTrue(kept);
            socket.assertReceives("hello");
        }
    }

    @Test
    void releaseFailsIfACopyOfTheGuardStaysOpen() throws Exception {
        try (Guarded socket = new Guarded();
                DescriptorCopy copy = DescriptorCopy.of(socket.guard)) {
            IOException failure = assertThrows(IOException.class, () -> socket.release(Duration.ofMillis(15)));
            assertEquals(
                    "the socket can't receive: a process that is being started has held its guard socket for 15 ms",
                    failure.getMessage());
            assertTrue(copy.channel().isOpen());
        }
    }
}
