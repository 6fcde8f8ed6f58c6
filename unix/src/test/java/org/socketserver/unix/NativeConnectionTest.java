package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.FileDescriptorCast;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.api.spi.Connection;

/** Connections over junixsocket, including the non-blocking reads and writes that the lingering close needs. */
class NativeConnectionTest {
    /** A server that passes its connections to the test. */
    private static final class Acceptor extends UnixStreamServer {
        final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();

        Acceptor() {
            super(
                    Peers.freshName(),
                    HandlerSource.ofFunction(request -> Thread.sleep(Long.MAX_VALUE)),
                    ServerOptions.DEFAULTS.grace(Duration.ZERO));
        }

        @Override
        protected Connection newConnection(SocketChannel channel) throws IOException {
            Connection connection = super.newConnection(channel);
            accepted.add(connection);
            return connection;
        }
    }

    private final Acceptor server = new Acceptor();
    private SocketChannel client;
    private Connection connection;

    @BeforeEach
    void connect() throws Exception {
        assumeTrue(System.getProperty("os.name").startsWith("Linux"), "needs abstract names");
        server.start();
        client = Peers.connect(server.address());
        connection = server.accepted.poll(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void close() throws Exception {
        if (client != null) {
            client.close();
        }
        server.close();
    }

    private void assertReadsAndWritesDoNotBlock() throws Exception {
        assertTrue(connection.nonBlocking());
        ByteBuffer target = ByteBuffer.allocateDirect(16);
        assertEquals(0, connection.read(target), "no input yet");
        Peers.write(client, "abc");
        assertEquals(3, connection.read(target));
        assertEquals(0, connection.read(target), "no more input");
        ByteBuffer much = ByteBuffer.allocate(4_000_000);
        int taken = 1;
        while (taken > 0) {
            taken = connection.write(much);
        }
        assertTrue(much.position() > 0 && much.hasRemaining(), "only a part fits: " + much.position());
        client.shutdownOutput();
        assertEquals(-1, connection.read(target));
    }

    @Test
    void readsAndWritesDoNotBlockOnAPlatformThread() throws Exception {
        FutureTask<Void> task = new FutureTask<>(() -> {
            assertReadsAndWritesDoNotBlock();
            return null;
        });
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
        task.get(20, TimeUnit.SECONDS);
    }

    @Test
    void readsAndWritesDoNotBlockOnAVirtualThread() throws Exception {
        assumeTrue(VirtualThreads.available(), "needs Java 21");
        FutureTask<Void> task = new FutureTask<>(() -> {
            assertReadsAndWritesDoNotBlock();
            return null;
        });
        VirtualThreads.newThread("test", task).start();
        task.get(20, TimeUnit.SECONDS);
    }

    @Test
    void theDescriptorOfALostConnectionStaysOpenUntilClose() throws Exception {
        AFUNIXSocketChannel channel = (AFUNIXSocketChannel) connection.channel().orElseThrow();
        assertEquals(1, connection.write(ByteBuffer.allocate(1)));
        assertTrue(connection.nonBlocking());
        // A reset, because the client has not read the byte.
        client.close();
        assertThrows(IOException.class, () -> connection.read(ByteBuffer.allocate(1)));
        assertTrue(channel.getFileDescriptor().valid(), "otherwise its number could be reused");
        assertTrue(connection.isOpen());
        connection.close();
        assertFalse(channel.getFileDescriptor().valid());
    }

    @Test
    void anInterruptClosesTheConnectionAfterTheReadHasReturned() throws Exception {
        FutureTask<Integer> reading = new FutureTask<>(() -> connection.read(ByteBuffer.allocate(1)));
        Thread thread = new Thread(reading);
        thread.setDaemon(true);
        thread.start();
        thread.interrupt();
        ExecutionException failure = assertThrows(ExecutionException.class, () -> reading.get(20, TimeUnit.SECONDS));
        assertInstanceOf(ClosedByInterruptException.class, failure.getCause());
        assertFalse(connection.isOpen());
        assertEquals(-1, client.read(ByteBuffer.allocate(1)));
        AFUNIXSocketChannel channel = (AFUNIXSocketChannel) connection.channel().orElseThrow();
        assertFalse(channel.getFileDescriptor().valid());
    }

    @Test
    void afterDetachAnotherOwnerOfTheConnectionCanUseIt() throws Exception {
        AFUNIXSocketChannel channel = (AFUNIXSocketChannel) connection.channel().orElseThrow();
        FileDescriptorCast other = FileDescriptorCast.duplicating(channel.getFileDescriptor());
        try {
            connection.detach();
            assertFalse(connection.isOpen());
            assertFalse(channel.isOpen());
            connection.close();
            assertThrows(ClosedChannelException.class, () -> connection.read(ByteBuffer.allocate(1)));
            Peers.write(client, "abc");
            SocketChannel held = other.as(SocketChannel.class);
            assertEquals(3, held.read(ByteBuffer.allocate(3)));
            assertEquals(2, held.write(ByteBuffer.allocate(2)));
            assertEquals(2, client.read(ByteBuffer.allocate(16)));
        } finally {
            new FileInputStream(other.getFileDescriptor()).close();
        }
        assertEquals(-1, client.read(ByteBuffer.allocate(1)));
    }
}
