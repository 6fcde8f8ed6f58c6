package org.socketserver.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.FilterConnection;

/** What happens on a connection after the handshake. */
class TlsConnectionTest {
    /**
     * With the limit of 64 KiB that {@link Certificates} sets, each side sends at most 64 key updates in a round: for
     * each direction, one of its own and one that the other side requests. If the other side has written all its data,
     * they must be fewer than {@link PendingResponses#MAX_PENDING}.
     */
    private static final int ROUND = 1 << 20;

    /** Enough for hundreds of key updates. */
    private static final int ROUNDS = 16;

    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    @TempDir
    private Path folder = Path.of("");

    private Loopback loopback;
    private Tls tls;

    @BeforeEach
    void open() throws Exception {
        loopback = new Loopback();
        tls = Certificates.ec("localhost").tls(folder);
    }

    @AfterEach
    void close() throws IOException {
        loopback.close();
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] readAll(Connection server, int length, int chunk) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(length);
        while (all.hasRemaining()) {
            int end = Math.min(length, all.position() + chunk);
            int count = server.read(all.limit(end));
            all.limit(length);
            assertNotEquals(0, count);
            if (count < 0) {
                break;
            }
        }
        return Arrays.copyOf(all.array(), all.position());
    }

    private static Void writeAll(Connection server, byte[] bytes) throws IOException {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        while (source.hasRemaining()) {
            int count = server.write(source);
            assertTrue(count > 0 && count <= 16_384, "count " + count);
        }
        return null;
    }

    /** Waits until a thread waits, for a lock or in a system call, and a count does not change any more. */
    private static void awaitStandstill(AtomicLong count) throws InterruptedException {
        long last = -1;
        while (count.get() == 0 || count.get() != last) {
            last = count.get();
            Thread.sleep(200);
        }
    }

    /**
     * The client is a connection of this module, too: with an SSLSocket that reads and writes on two threads, the keys
     * of both sides sometimes differed after a key update in JDK 17.
     */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void readsAndWritesOfTwoThreadsDoNotWaitForEachOther(String version) throws Exception {
        Future<Connection> handshake = loopback.accept(tls);
        SSLEngine engine = Certificates.clientContext().createSSLEngine();
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {version});
        Connection client = new TlsConnection(loopback.connectChannel(), engine, new RequestedName());
        Connection server = Loopback.get(handshake);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] up = random(ROUND, round);
            byte[] down = random(ROUND, ROUNDS + round);
            Future<byte[]> received = loopback.run(() -> readAll(server, ROUND, 50_000));
            Future<Void> written = loopback.run(() -> writeAll(server, down));
            Future<Void> sent = loopback.run(() -> writeAll(client, up));
            Future<byte[]> got = loopback.run(() -> readAll(client, ROUND, 20_000));
            assertTrue(Arrays.equals(down, Loopback.get(got)), "down");
            assertTrue(Arrays.equals(up, Loopback.get(received)), "up");
            Loopback.get(written);
            Loopback.get(sent);
        }
    }

    /** In TLS 1.3, this sends a key update that requests a response. */
    private static void updateKeys(SSLSocket client, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            client.startHandshake();
        }
    }

    @Test
    void keyUpdatesBeyondTheBoundEndAConnectionThatOnlyReads() throws Exception {
        Loopback.Pair pair = loopback.connect(tls, "TLSv1.3");
        updateKeys(pair.client(), PendingResponses.MAX_PENDING);
        pair.writeAtClient("bound");
        assertEquals("bound", pair.readAtServer(5));
        updateKeys(pair.client(), 1);
        SSLException refused = assertThrows(SSLException.class, () -> pair.readAtServer(1));
        assertTrue(refused.getMessage().contains("more than 100 key updates"), refused.getMessage());
        assertThrows(IOException.class, () -> pair.readAtServer(1));
        assertThrows(IOException.class, () -> pair.writeAtServer("after"));
        pair.server().shutdownOutput();
        assertEquals(-1, pair.client().getInputStream().read());
    }

    @Test
    void aWriteSendsTheResponsesToKeyUpdates() throws Exception {
        Loopback.Pair pair = loopback.connect(tls, "TLSv1.3");
        for (int i = 0; i < 5; i++) {
            updateKeys(pair.client(), PendingResponses.MAX_PENDING - 1);
            pair.writeAtClient("ask");
            assertEquals("ask", pair.readAtServer(3));
            pair.writeAtServer("answer");
            assertEquals("answer", pair.readAtClient(6));
        }
    }

    /** A client that reads one response after the other must not make room for more than it has read. */
    @Test
    void onlySentResponsesMakeRoomForOthers() throws Exception {
        PendingResponses responses = new PendingResponses();
        SSLEngineResult record = new SSLEngineResult(Status.OK, HandshakeStatus.NEED_WRAP, 30, 0);
        for (int i = 0; i < PendingResponses.MAX_PENDING; i++) {
            responses.unwrapped(record, HandshakeStatus.NEED_WRAP);
        }
        responses.wrapped(HandshakeStatus.NEED_WRAP);
        responses.unwrapped(record, HandshakeStatus.NEED_WRAP);
        assertThrows(SSLException.class, () -> responses.unwrapped(record, HandshakeStatus.NEED_WRAP));
        responses.wrapped(HandshakeStatus.NOT_HANDSHAKING);
        responses.wrapped(HandshakeStatus.NEED_WRAP);
        SSLEngineResult data = new SSLEngineResult(Status.OK, HandshakeStatus.NOT_HANDSHAKING, 30, 1);
        for (int i = 0; i < PendingResponses.MAX_PENDING; i++) {
            responses.unwrapped(data, HandshakeStatus.NEED_WRAP);
            responses.unwrapped(record, HandshakeStatus.NOT_HANDSHAKING);
            responses.unwrapped(record, HandshakeStatus.NEED_WRAP);
        }
        assertThrows(SSLException.class, () -> responses.unwrapped(record, HandshakeStatus.NEED_WRAP));
    }

    @Test
    void readsGoOnWhileAWriteIsBlocked() throws Exception {
        Loopback.Pair pair = loopback.connect(tls, "TLSv1.3");
        AtomicLong written = new AtomicLong();
        Future<Void> writer = loopback.run(() -> {
            while (true) {
                written.addAndGet(pair.server().write(ByteBuffer.allocate(16_384)));
            }
        });
        awaitStandstill(written);
        // The client updates its key, and requests one, again and again.
        byte[] up = random(1 << 20, 3);
        Future<Void> sent = loopback.run(() -> {
            pair.client().getOutputStream().write(up);
            return null;
        });
        Future<byte[]> received = loopback.run(() -> readAll(pair.server(), up.length, 4096));
        assertTrue(Arrays.equals(up, Loopback.get(received)));
        Loopback.get(sent);
        pair.server().close();
        assertThrows(IOException.class, () -> Loopback.get(writer));
    }

    @Test
    void writesGoOnWhileAReadWaits() throws Exception {
        Loopback.Pair pair = loopback.connect(tls);
        Future<String> reader = loopback.run(() -> pair.readAtServer(5));
        pair.writeAtServer("hello");
        assertEquals("hello", pair.readAtClient(5));
        assertFalse(reader.isDone());
        pair.writeAtClient("world");
        assertEquals("world", Loopback.get(reader));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 255, 4096, 16_384, 100_000})
    void aReaderWithASmallOrALargeBufferGetsAllBytes(int chunk) throws Exception {
        Loopback.Pair pair = loopback.connect(tls);
        byte[] bytes = random(60_000, 4);
        Future<Void> sent = loopback.run(() -> {
            pair.client().getOutputStream().write(bytes);
            return null;
        });
        assertTrue(Arrays.equals(bytes, readAll(pair.server(), bytes.length, chunk)));
        Loopback.get(sent);
        assertEquals(0, pair.server().read(ByteBuffer.allocate(0)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void recordsThatArriveByteByByteAreRead(String version) throws Exception {
        Socket plain = loopback.connectPlain();
        Connection below = loopback.acceptPlain();
        Future<Connection> handshake = loopback.run(() -> tls.over(new FilterConnection(below) {
            @Override
            public int read(ByteBuffer target) throws IOException {
                int limit = target.limit();
                int count = super.read(target.limit(target.position() + 1));
                target.limit(limit);
                return count;
            }
        }));
        SSLSocket client = loopback.over(plain, Certificates.clientContext(), version);
        client.startHandshake();
        Loopback.Pair pair = new Loopback.Pair(Loopback.get(handshake), client);
        pair.writeAtClient("hello");
        assertEquals("hello", pair.readAtServer(5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void closeNotifyOfTheClientEndsTheInput(String version) throws Exception {
        Loopback.Pair pair = loopback.connect(tls, version);
        pair.writeAtClient("last");
        pair.client().shutdownOutput();
        assertEquals("last", pair.readAtServer(10));
        assertEquals(-1, pair.server().read(ByteBuffer.allocate(1)));
        assertEquals(-1, pair.server().read(ByteBuffer.allocate(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void anEndWithoutCloseNotifyThrows(String version) throws Exception {
        Socket plain = loopback.connectPlain();
        Loopback.Pair pair = loopback.connect(tls, loopback.over(plain, Certificates.clientContext(), version));
        pair.writeAtClient("last");
        plain.close();
        assertEquals("last", pair.readAtServer(4));
        IOException truncated = assertThrows(IOException.class, () -> pair.readAtServer(1));
        assertTrue(truncated.getMessage().contains("without close_notify"), truncated.getMessage());
    }

    @Test
    void inTls13TheServerCanAnswerAfterTheClientHasEnded() throws Exception {
        Loopback.Pair pair = loopback.connect(tls, "TLSv1.3");
        pair.writeAtClient("ask");
        pair.client().shutdownOutput();
        assertEquals("ask", pair.readAtServer(10));
        pair.writeAtServer("answer");
        pair.server().shutdownOutput();
        assertEquals("answer", pair.readAtClient(10), "all until the end");
    }

    @Test
    void inTls12WritesThrowAfterTheClientHasEnded() throws Exception {
        Loopback.Pair pair = loopback.connect(tls, "TLSv1.2");
        pair.client().shutdownOutput();
        assertEquals(-1, pair.server().read(ByteBuffer.allocate(1)));
        SSLException ended = assertThrows(SSLException.class, () -> pair.writeAtServer("answer"));
        assertTrue(ended.getMessage().contains("TLS 1.2"), ended.getMessage());
        pair.server().shutdownOutput();
        assertEquals(-1, pair.client().getInputStream().read(), "close_notify");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shutdownOutputSendsCloseNotifyAndReadsGoOn(String version) throws Exception {
        Socket plain = loopback.connectPlain();
        Loopback.Pair pair = loopback.connect(tls, loopback.over(plain, Certificates.clientContext(), version));
        // Before the client answers close_notify: TLS 1.2 lets it send nothing afterwards.
        pair.writeAtClient("hello");
        pair.writeAtServer("last");
        pair.server().shutdownOutput();
        pair.server().shutdownOutput();
        assertEquals("hello", pair.readAtServer(5));
        assertThrows(ClosedChannelException.class, () -> pair.writeAtServer("more"));
        assertEquals("last", pair.readAtClient(10), "all until the end");
        if (version.equals("TLSv1.3")) {
            pair.writeAtClient("world");
            assertEquals("world", pair.readAtServer(5));
            pair.client().shutdownOutput();
        }
        assertEquals(-1, pair.server().read(ByteBuffer.allocate(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void shutdownOutputDoesNotWaitForARead(String version) throws Exception {
        for (int i = 0; i < 50; i++) {
            Loopback.Pair pair = loopback.connect(tls, version);
            CountDownLatch reading = new CountDownLatch(1);
            Future<Integer> reader = loopback.run(() -> {
                reading.countDown();
                return pair.server().read(ByteBuffer.allocate(1));
            });
            reading.await();
            assertTimeout(AT_ONCE, () -> pair.server().shutdownOutput());
            assertEquals(-1, pair.client().getInputStream().read());
            pair.client().close();
            assertEquals(-1, Loopback.get(reader));
            pair.server().close();
        }
    }

    @Test
    void shutdownInputEndsAWaitingReadAndLaterOnes() throws Exception {
        Loopback.Pair pair = loopback.connect(tls);
        Future<Integer> reader = loopback.run(() -> pair.server().read(ByteBuffer.allocate(1)));
        awaitReading(pair);
        pair.server().shutdownInput();
        assertEquals(-1, Loopback.get(reader));
        assertEquals(-1, pair.server().read(ByteBuffer.allocate(1)));
        pair.writeAtServer("still");
        assertEquals("still", pair.readAtClient(5));
    }

    /** Returns after a moment in which the other thread probably began to read; the tests hold in any case. */
    private static void awaitReading(Loopback.Pair pair) throws InterruptedException {
        assertTrue(pair.server().isOpen());
        Thread.sleep(100);
    }

    @Test
    void shutdownInputEndsReadsAlthoughBytesAreLeft() throws Exception {
        Loopback.Pair pair = loopback.connect(tls);
        pair.writeAtClient("hello");
        assertEquals("h", pair.readAtServer(1));
        pair.server().shutdownInput();
        assertEquals(-1, pair.server().read(ByteBuffer.allocate(1)));
    }

    @Test
    void closeWakesAWaitingReadAndSendsNothing() throws Exception {
        Socket plain = loopback.connectPlain();
        Loopback.Pair pair = loopback.connect(tls, loopback.over(plain, Certificates.clientContext(), "TLSv1.2"));
        Future<Integer> reader = loopback.run(() -> pair.server().read(ByteBuffer.allocate(1)));
        awaitReading(pair);
        pair.server().close();
        assertThrows(IOException.class, () -> Loopback.get(reader));
        assertFalse(pair.server().isOpen());
        assertEquals(0, plain.getInputStream().readAllBytes().length);
    }

    @Test
    void shutdownOutputSendsOneAlert() throws Exception {
        Socket plain = loopback.connectPlain();
        Loopback.Pair pair = loopback.connect(tls, loopback.over(plain, Certificates.clientContext(), "TLSv1.2"));
        pair.server().shutdownOutput();
        byte[] sent = plain.getInputStream().readAllBytes();
        assertEquals(21, sent[0], "the type of alerts");
        assertEquals(sent.length - 5, sent[3] << 8 | sent[4], "one record");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void closeReturnsAtOnceAndWakesABlockedWrite(String version) throws Exception {
        Loopback.Pair pair = loopback.connect(tls, version);
        AtomicLong written = new AtomicLong();
        Future<Void> writer = loopback.run(() -> {
            while (true) {
                written.addAndGet(pair.server().write(ByteBuffer.allocate(16_384)));
            }
        });
        Future<Integer> reader = loopback.run(() -> pair.server().read(ByteBuffer.allocate(1)));
        awaitStandstill(written);
        assertTimeout(AT_ONCE, () -> pair.server().close());
        assertThrows(IOException.class, () -> Loopback.get(writer));
        assertThrows(IOException.class, () -> Loopback.get(reader));
    }

    @Test
    void aRenegotiationIsRefused() throws Exception {
        Loopback.Pair pair = loopback.connect(tls, "TLSv1.2");
        pair.writeAtClient("before");
        assertEquals("before", pair.readAtServer(6));
        Future<Void> client = loopback.run(() -> {
            pair.client().startHandshake();
            pair.client().getInputStream().read();
            return null;
        });
        SSLException refused = assertThrows(SSLException.class, () -> pair.readAtServer(1));
        // And again, not the garbage that follows.
        assertThrows(IOException.class, () -> pair.readAtServer(1), refused.getMessage());
        assertThrows(IOException.class, () -> pair.writeAtServer("after"));
        pair.server().shutdownOutput();
        SSLException alert = assertThrows(SSLException.class, () -> Loopback.get(client));
        assertTrue(alert.getMessage().contains("alert"), alert.getMessage());
        pair.server().close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aDamagedRecordThrows(String version) throws Exception {
        Socket plain = loopback.connectPlain();
        Loopback.Pair pair = loopback.connect(tls, loopback.over(plain, Certificates.clientContext(), version));
        byte[] record = new byte[5 + 64];
        record[0] = 23;
        record[1] = 3;
        record[2] = 3;
        record[4] = 64;
        plain.getOutputStream().write(record);
        assertThrows(SSLException.class, () -> pair.readAtServer(1));
        assertThrows(IOException.class, () -> pair.readAtServer(1));
        pair.server().shutdownOutput();
        SSLException alert = assertThrows(
                SSLException.class, () -> pair.client().getInputStream().read());
        assertTrue(alert.getMessage().contains("alert"), alert.getMessage());
    }

    @Test
    void aLingeringCloseSkipsCiphertextUntilTheEnd() throws Exception {
        Socket plain = loopback.connectPlain();
        Loopback.Pair pair = loopback.connect(tls, loopback.over(plain, Certificates.clientContext(), "TLSv1.3"));
        pair.server().shutdownOutput();
        assertTrue(pair.server().nonBlocking());
        assertEquals(0, pair.server().read(ByteBuffer.allocate(100)));
        pair.writeAtClient("x".repeat(1000));
        plain.close();
        int skipped = 0;
        for (int count = 0; count >= 0; count = pair.server().read(ByteBuffer.allocate(100))) {
            skipped += count;
        }
        assertTrue(skipped > 1000, "skipped " + skipped);
        assertFalse(pair.server().isAllRead());
    }

    @Test
    void aRejectionIsWrittenWithoutBlocking() throws Exception {
        Loopback.Pair pair = loopback.connect(tls);
        assertTrue(pair.server().nonBlocking());
        pair.writeAtServer("busy");
        pair.server().shutdownOutput();
        assertEquals("busy", pair.readAtClient(10));
        Loopback.Pair full = loopback.connect(tls);
        full.server().nonBlocking();
        assertTimeout(AT_ONCE, () -> {
            while (full.server().write(ByteBuffer.allocate(16_384)) > 0) {}
            full.server().shutdownOutput();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {16_127, 16_128, 16_129, 16_384})
    void upTo16KbAreOneWriteBelow(int length) throws Exception {
        Socket plain = loopback.connectPlain();
        AtomicInteger writes = new AtomicInteger();
        Future<Connection> handshake = loopback.run(() -> tls.over(new FilterConnection(loopback.acceptPlain()) {
            @Override
            public int write(ByteBuffer source) throws IOException {
                writes.incrementAndGet();
                return super.write(source);
            }
        }));
        SSLSocket client = loopback.over(plain, Certificates.clientContext());
        client.startHandshake();
        Connection server = Loopback.get(handshake);
        byte[] bytes = random(length, 7);
        int before = writes.get();
        assertEquals(length, server.write(ByteBuffer.wrap(bytes)));
        assertEquals(1, writes.get() - before);
        assertTrue(Arrays.equals(bytes, client.getInputStream().readNBytes(length)));
    }

    @Test
    void twoThreadsCanWrite() throws Exception {
        Loopback.Pair pair = loopback.connect(tls);
        byte[] small = "x".repeat(1_000).getBytes(StandardCharsets.US_ASCII);
        byte[] large = "y".repeat(16_384).getBytes(StandardCharsets.US_ASCII);
        List<Future<Void>> writers = new ArrayList<>();
        for (byte[] bytes : List.of(small, large)) {
            writers.add(loopback.run(() -> {
                for (int i = 0; i < 200; i++) {
                    pair.server().write(ByteBuffer.wrap(bytes));
                }
                return null;
            }));
        }
        int total = 200 * (small.length + large.length);
        byte[] received = pair.client().getInputStream().readNBytes(total);
        for (Future<Void> writer : writers) {
            Loopback.get(writer);
        }
        int count = 0;
        for (byte one : received) {
            count += one == 'x' ? 1 : 0;
        }
        assertEquals(200 * small.length, count);
        assertEquals(total, received.length);
    }

    @Test
    void anotherProcessCanNotHaveTheConnection() throws Exception {
        Loopback.Pair pair = loopback.connect(tls);
        assertEquals(Optional.empty(), pair.server().channel());
        pair.server().detach();
        assertFalse(pair.server().isOpen());
    }

    @Test
    void otherAttributesAndAddressesAreThoseBelow() throws Exception {
        Socket plain = loopback.connectPlain();
        AtomicReference<Connection> below = new AtomicReference<>();
        AtomicInteger noDelay = new AtomicInteger();
        Future<Connection> handshake = loopback.run(() -> {
            below.set(new FilterConnection(loopback.acceptPlain()) {
                @Override
                public <T> Optional<T> attribute(Class<T> type) {
                    return Optional.of(type.cast("attribute"));
                }

                @Override
                public void noDelay(boolean on) {
                    noDelay.incrementAndGet();
                }
            });
            return tls.over(below.get());
        });
        loopback.over(plain, Certificates.clientContext()).startHandshake();
        Connection server = Loopback.get(handshake);
        assertEquals(Optional.of("attribute"), server.attribute(String.class));
        assertEquals(below.get().localAddress(), server.localAddress());
        assertEquals(below.get().remoteAddress(), server.remoteAddress());
        server.noDelay(true);
        assertEquals(1, noDelay.get());
    }

    @Test
    void dataRightBehindTheHandshakeIsRead() throws Exception {
        Socket plain = loopback.connectPlain();
        Connection below = loopback.acceptPlain();
        CountDownLatch written = new CountDownLatch(1);
        AtomicInteger reads = new AtomicInteger();
        // The client's Finished and its first data arrive together.
        Future<Connection> handshake = loopback.run(() -> tls.over(new FilterConnection(below) {
            @Override
            public int read(ByteBuffer target) throws IOException {
                if (reads.incrementAndGet() == 3) {
                    try {
                        written.await();
                    } catch (InterruptedException stop) {
                        throw new IOException(stop);
                    }
                }
                return super.read(target);
            }
        }));
        SSLSocket client = loopback.over(plain, Certificates.clientContext(), "TLSv1.3");
        byte[] bytes = random(10_000, 5);
        client.getOutputStream().write(bytes);
        written.countDown();
        Connection server = Loopback.get(handshake);
        assertTrue(Arrays.equals(bytes, readAll(server, bytes.length, 100)));
    }

    @Test
    void aClientThatUsesAnInputStreamSeesTheEnd() throws Exception {
        Loopback.Pair pair = loopback.connect(tls);
        Future<byte[]> all = loopback.run(() -> {
            InputStream input = pair.client().getInputStream();
            return input.readAllBytes();
        });
        byte[] bytes = random(300_000, 6);
        writeAll(pair.server(), bytes);
        pair.server().shutdownOutput();
        assertTrue(Arrays.equals(bytes, Loopback.get(all)));
    }
}
