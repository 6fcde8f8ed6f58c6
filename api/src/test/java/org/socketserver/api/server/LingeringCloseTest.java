package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.spi.Connection;

/** The lingering close of connections that are not sockets, including connections that violate their contract. */
class LingeringCloseTest {
    /** A connection with unread bytes whose client sends no more. */
    private static class Chatty implements Connection {
        final CountDownLatch released = new CountDownLatch(1);
        int unread = 100;

        @Override
        public int read(ByteBuffer target) throws IOException {
            int count = Math.min(unread, target.remaining());
            target.position(target.position() + count);
            unread -= count;
            return count;
        }

        @Override
        public int write(ByteBuffer source) {
            int count = source.remaining();
            source.position(source.limit());
            return count;
        }

        @Override
        public void shutdownInput() {}

        @Override
        public void shutdownOutput() {}

        @Override
        public boolean nonBlocking() {
            return true;
        }

        @Override
        public SocketAddress localAddress() {
            return MemoryConnection.SERVER;
        }

        @Override
        public SocketAddress remoteAddress() {
            return MemoryConnection.CLIENT;
        }

        @Override
        public boolean isOpen() {
            return released.getCount() > 0;
        }

        @Override
        public void close() {
            released.countDown();
        }
    }

    @RegisterExtension
    private final QuietLog log = new QuietLog();

    private final MemoryServer server = MemoryServer.of(request -> {});

    private ConnectionRequest closed(Connection connection) throws IOException {
        ConnectionRequest request = new ConnectionRequest(connection, server);
        request.output().write(1);
        request.shutdownOutput();
        request.close();
        return request;
    }

    private static void assertReleased(Chatty connection) throws InterruptedException {
        assertTrue(connection.released.await(20, TimeUnit.SECONDS));
    }

    @Test
    void aConnectionWithUnreadBytesIsReleasedLater() throws Exception {
        Chatty connection = new Chatty();
        closed(connection);
        assertEquals(0, connection.unread, "read at once");
        assertTrue(connection.isOpen());
        LingeringClose.INSTANCE.await(server);
        assertFalse(connection.isOpen());
    }

    @Test
    void aConnectionWithoutUnreadBytesIsReleasedAtOnce() throws Exception {
        Chatty connection = new Chatty();
        connection.unread = 0;
        closed(connection);
        assertFalse(connection.isOpen());
    }

    @Test
    void aConnectionWithoutAnAnswerIsReleasedAtOnce() throws Exception {
        Chatty connection = new Chatty();
        ConnectionRequest request = new ConnectionRequest(connection, server);
        request.shutdownOutput();
        request.close();
        assertEquals(0, connection.unread, "read, because unread bytes would cause a reset");
        assertFalse(connection.isOpen());
    }

    @Test
    void aBlockingConnectionIsReleasedAtOnce() throws Exception {
        Chatty connection = new Chatty() {
            @Override
            public boolean nonBlocking() {
                return false;
            }
        };
        closed(connection);
        assertFalse(connection.isOpen());
    }

    @Test
    void aConnectionWithOpenOutputIsReleasedAtOnce() {
        Chatty connection = new Chatty();
        new ConnectionRequest(connection, server).close();
        assertFalse(connection.isOpen());
    }

    @Test
    void readsAndWritesThrowAfterClose() throws Exception {
        ConnectionRequest request = closed(new Chatty());
        assertThrows(DisconnectedException.class, () -> request.input().read());
        assertThrows(DisconnectedException.class, () -> request.output().write(1));
    }

    @Test
    void aConnectionThatThrowsAtOnceIsReleased() throws Exception {
        Chatty connection = new Chatty() {
            @Override
            public boolean nonBlocking() {
                throw new UnsupportedOperationException("on purpose");
            }
        };
        closed(connection);
        assertReleased(connection);
    }

    @Test
    void aConnectionThatThrowsLaterIsReleasedAndDelaysNoClose() throws Exception {
        Chatty connection = new Chatty() {
            @Override
            public int read(ByteBuffer target) throws IOException {
                if (unread == 0) {
                    unread = -1;
                    return 0;
                }
                if (unread < 0) {
                    throw new IllegalStateException("on purpose");
                }
                return super.read(target);
            }
        };
        closed(connection);
        LingeringClose.INSTANCE.await(server);
        assertReleased(connection);
    }
}
