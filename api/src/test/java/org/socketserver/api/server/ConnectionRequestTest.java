package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;

class ConnectionRequestTest {
    private final MemoryConnection connection = new MemoryConnection();

    private static ConnectionRequest request(MemoryConnection connection, ServerOptions options) {
        return new ConnectionRequest(connection, new MemoryServer(HandlerSource.ofFunction(request -> {}), options));
    }

    private static ConnectionRequest request(MemoryConnection connection) {
        return request(connection, ServerOptions.DEFAULTS);
    }

    @Test
    void bytesAreTransferredAndCountedInBothDirections() throws IOException {
        ConnectionRequest request = request(connection.sends("abc").ends());
        assertEquals('a', request.input().read());
        byte[] rest = new byte[8];
        assertEquals(2, request.input().read(rest, 3, 5));
        assertArrayEquals(new byte[] {0, 0, 0, 'b', 'c', 0, 0, 0}, rest);
        assertEquals(0, request.input().read(rest, 0, 0));
        assertEquals(-1, request.input().read());
        assertEquals(-1, request.input().read(rest));
        request.output().write('x');
        request.output().write(new byte[] {'-', 'y', 'z', '-'}, 1, 2);
        request.output().write(rest, 0, 0);
        assertEquals("xyz", connection.receives(3));
        assertEquals(3, request.bytesIn());
        assertEquals(3, request.bytesOut());
        assertSame(request.input(), request.input());
        assertSame(request.output(), request.output());
    }

    @Test
    void aLargeWriteIsSplitIntoChunks() throws Exception {
        ConnectionRequest request = request(connection);
        byte[] large = new byte[1_000_000];
        large[999_999] = 'e';
        CompletableFuture<String> client = CompletableFuture.supplyAsync(() -> {
            try {
                return connection.receives(large.length);
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        });
        request.output().write(large);
        assertEquals(large.length, client.get().length());
        assertEquals(8, connection.writes, "chunks of 128 KiB");
    }

    @Test
    void theRequestDelegatesToTheConnection() throws IOException {
        ConnectionRequest request = request(connection);
        assertEquals(MemoryConnection.CLIENT, request.clientAddress());
        assertEquals(MemoryConnection.SERVER, request.serverAddress());
        assertEquals(Optional.of("a fact"), request.attribute(String.class));
        assertEquals(Optional.empty(), request.attribute(Integer.class));
        request.noDelay(true);
        assertTrue(connection.noDelay);
        request.shutdownOutput();
        assertTrue(connection.outputEnded);
        request.complete();
    }

    @Test
    void theOutputWorksAfterAReadHasTimedOut() throws IOException {
        ConnectionRequest request = request(connection);
        request.deadline(Deadline.READ, Duration.ofMillis(40));
        assertEquals(Duration.ofMillis(40), request.deadline(Deadline.READ));
        long began = System.nanoTime();
        DeadlineException late =
                assertThrows(DeadlineException.class, () -> request.input().read());
        assertSame(Deadline.READ, late.deadline());
        assertTrue(System.nanoTime() - began >= 40_000_000, "never early");
        assertEquals("client:2 sent nothing for 40 ms", late.getMessage());
        assertSame(
                Deadline.READ,
                assertThrows(DeadlineException.class, () -> request.input().read())
                        .deadline());
        request.output().write("late".getBytes(StandardCharsets.UTF_8));
        assertEquals("late", connection.receives(4));
        request.close();
    }

    @Test
    void theReadDeadlineRestartsWithEachRead() throws Exception {
        ConnectionRequest request = request(connection);
        request.deadline(Deadline.READ, Duration.ofMillis(150));
        for (int round = 0; round < 4; round++) {
            CountDownLatch reading = new CountDownLatch(1);
            Thread client = new Thread(() -> {
                try {
                    reading.await();
                    Thread.sleep(60);
                    connection.sends("x");
                } catch (Exception failure) {
                    throw new AssertionError(failure);
                }
            });
            client.start();
            reading.countDown();
            assertEquals('x', request.input().read());
            client.join();
        }
        request.close();
    }

    @Test
    void aReadDeadlineAppliesToAReadThatIsAlreadyWaiting() throws Exception {
        ConnectionRequest request = request(connection, ServerOptions.DEFAULTS.deadline(Deadline.WRITE, Duration.ZERO));
        CountDownLatch reading = new CountDownLatch(1);
        CompletableFuture<IOException> reader = CompletableFuture.supplyAsync(() -> {
            reading.countDown();
            return assertThrows(IOException.class, () -> request.input().read());
        });
        reading.await();
        request.deadline(Deadline.READ, Duration.ofMillis(30));
        assertSame(
                Deadline.READ,
                assertInstanceOf(DeadlineException.class, reader.get()).deadline());
        request.deadline(Deadline.READ, Duration.ZERO);
        request.close();
    }

    @Test
    void aWriteWithoutProgressTimesOutAndClosesTheConnection() throws IOException {
        MemoryConnection narrow = new MemoryConnection(10);
        ConnectionRequest request =
                request(narrow, ServerOptions.DEFAULTS.deadline(Deadline.WRITE, Duration.ofMillis(40)));
        DeadlineException late =
                assertThrows(DeadlineException.class, () -> request.output().write(new byte[100]));
        assertSame(Deadline.WRITE, late.deadline());
        assertEquals("client:2 took no output for 40 ms", late.getMessage());
        assertFalse(narrow.isOpen());
        assertEquals(10, request.bytesOut());
    }

    @Test
    void aNegativeDeadlineIsRejected() {
        ConnectionRequest request = request(connection);
        assertThrows(IllegalArgumentException.class, () -> request.deadline(Deadline.READ, Duration.ofMillis(-1)));
        assertThrows(IllegalArgumentException.class, () -> request.deadline(Deadline.WRITE, Duration.ofMillis(-1)));
        request.deadline(Deadline.WRITE, Duration.ofMillis(5));
        assertEquals(Duration.ofMillis(5), request.deadline(Deadline.WRITE));
    }

    @Test
    void aLostConnectionIsADisconnectedExceptionWithAddressAndCause() {
        ConnectionRequest request = request(connection);
        connection.readFailure = new IOException("Connection reset by peer");
        DisconnectedException gone =
                assertThrows(DisconnectedException.class, () -> request.input().read());
        assertEquals("client:2 disconnected: Connection reset by peer", gone.getMessage());
        assertSame(connection.readFailure, gone.getCause());
        connection.writeFailure = new IOException("Broken pipe");
        assertThrows(DisconnectedException.class, () -> request.output().write(1));
        connection.writeFailure = new ClosedChannelException();
        assertThrows(ClosedChannelException.class, () -> request.output().write(1));
    }

    @Test
    void closeWakesUpAReadAndCanBeRepeated() throws Exception {
        ConnectionRequest request = request(connection);
        CountDownLatch reading = new CountDownLatch(1);
        CompletableFuture<IOException> reader = CompletableFuture.supplyAsync(() -> {
            reading.countDown();
            return assertThrows(IOException.class, () -> request.input().read());
        });
        reading.await();
        request.close();
        request.close();
        assertInstanceOf(DisconnectedException.class, reader.get());
    }

    @Test
    void aDrainEndsTheInputOfAnIdleConnection() throws Exception {
        long began = System.nanoTime();
        ConnectionRequest request = request(connection);
        CountDownLatch reading = new CountDownLatch(1);
        CompletableFuture<Integer> reader = CompletableFuture.supplyAsync(() -> {
            reading.countDown();
            try {
                return request.input().read();
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        });
        reading.await();
        while (!reader.isDone()) {
            request.drain(null);
            Thread.sleep(1);
        }
        assertEquals(-1, reader.get());
        assertTrue(System.nanoTime() - began >= 100_000_000, "before the first byte, not idle for 100 ms");
        assertTrue(connection.isOpen(), "the handler can still answer");
    }

    @Test
    void aDrainEndsTheInputOfABusyConnectionAfterItsAnswer() throws IOException {
        ConnectionRequest request = request(connection.sends("question"));
        byte[] buffer = new byte[100];
        assertEquals(8, request.input().read(buffer));
        request.drain(null);
        connection.sends(" more");
        assertEquals(5, request.input().read(buffer), "busy: it has read and not answered");
        request.output().write('!');
        assertEquals(-1, request.input().read(buffer), "idle: it has answered");
    }

    /** A connection whose first byte arrives at the same moment as the end of its input. */
    private static final class Late extends MemoryConnection {
        final CountDownLatch reading = new CountDownLatch(1);
        private final CountDownLatch ended = new CountDownLatch(1);

        @Override
        public int read(ByteBuffer target) throws IOException {
            reading.countDown();
            try {
                ended.await();
            } catch (InterruptedException never) {
                throw new IOException(never);
            }
            target.put((byte) 'f');
            return 1;
        }

        @Override
        public void shutdownInput() {
            ended.countDown();
        }
    }

    @Test
    void nothingIsReadOfARequestThatArrivesWhenADrainEndsTheInput() throws Exception {
        Late late = new Late();
        ConnectionRequest request = request(late);
        CompletableFuture<Integer> reader = CompletableFuture.supplyAsync(() -> {
            try {
                return request.input().read();
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        });
        late.reading.await();
        while (!reader.isDone()) {
            request.drain(null);
        }
        assertEquals(-1, reader.get());
        assertEquals(-1, request.input().read());
        assertEquals(0, request.bytesIn());
    }

    @Test
    void nothingIsReadOfARequestThatArrivesWhenTheDeadlineExpires() throws Exception {
        Late late = new Late();
        ConnectionRequest request = request(late);
        request.deadline(Deadline.READ, Duration.ofMillis(20));
        assertSame(
                Deadline.READ,
                assertThrows(DeadlineException.class, () -> request.input().read())
                        .deadline());
        assertSame(
                Deadline.READ,
                assertThrows(DeadlineException.class, () -> request.input().read())
                        .deadline());
        assertEquals(0, request.bytesIn());
    }

    /** A connection whose writes return only when it is closed. */
    private static final class Slow extends MemoryConnection {
        private final CountDownLatch closed = new CountDownLatch(1);

        @Override
        public int write(ByteBuffer source) throws IOException {
            try {
                closed.await();
            } catch (InterruptedException never) {
                throw new IOException(never);
            }
            int all = source.remaining();
            source.position(source.limit());
            return all;
        }

        @Override
        public void close() {
            super.close();
            closed.countDown();
        }
    }

    @Test
    void aWriteThatReturnsLateThrowsItsDeadlineException() {
        ConnectionRequest request = request(new Slow());
        request.deadline(Deadline.WRITE, Duration.ofMillis(20));
        DeadlineException first =
                assertThrows(DeadlineException.class, () -> request.output().write('a'));
        assertSame(Deadline.WRITE, first.deadline());
        assertSame(
                first,
                assertThrows(DeadlineException.class, () -> request.output().write('b')));
    }

    @Test
    void aDisconnectedExceptionOfTheConnectionIsNotWrapped() {
        DisconnectedException named = new DisconnectedException("client:2 has disconnected", null);
        ConnectionRequest request = request(new MemoryConnection() {
            @Override
            public int read(ByteBuffer target) throws IOException {
                throw named;
            }

            @Override
            public int write(ByteBuffer source) throws IOException {
                throw named;
            }
        });
        assertSame(
                named,
                assertThrows(DisconnectedException.class, () -> request.input().read()));
        assertSame(
                named,
                assertThrows(DisconnectedException.class, () -> request.output().write('a')));
    }
}
