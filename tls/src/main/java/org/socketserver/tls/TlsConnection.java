package org.socketserver.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.FilterConnection;
import org.socketserver.tls.internal.channel.NeedsReadException;
import org.socketserver.tls.internal.channel.NeedsWriteException;
import org.socketserver.tls.internal.channel.impl.BufferHolder;
import org.socketserver.tls.internal.channel.impl.TlsChannelImpl;

/**
 * A connection whose bytes are encrypted below.
 *
 * <p><b>Threads.</b> TlsChannelImpl never waits for bytes: it gets those that {@link #receive} has read, and throws a
 * {@link NeedsReadException} if they are too few. So the reading thread holds no lock while it waits, and a write never
 * waits for a read. After the handshake, a read never writes ({@link ReadingEngine}), so it never waits for a write
 * either.
 *
 * <p><b>Ends.</b> {@link #close} only closes the connection below: it never writes, because a stop or the deadline
 * sweep may call it. close_notify is sent by {@link #shutdownOutput}.
 */
final class TlsConnection extends FilterConnection {
    /** Size of the buffer in which a connection waits for a record. Most small messages need one read. */
    private static final int WAITING = 256;

    /** The longest plaintext of a record (RFC 8446, section 5.1). */
    private static final int RECORD = 16 * 1024;

    /** What surely fits in one record. JSSE makes two of slightly less than {@link #RECORD} bytes. */
    private static final int ONE_RECORD = RECORD - 256;

    private final SSLEngine engine;
    private final ReadingEngine readingEngine;
    private final TlsChannelImpl channel;
    private final BufferHolder received = new BufferHolder(
            "received",
            Optional.empty(),
            Buffers.CIPHERTEXT,
            TlsChannelImpl.buffersInitialSize,
            TlsChannelImpl.maxTlsPacketSize,
            false,
            true);
    private final ByteBuffer waiting = ByteBuffer.allocate(WAITING);
    private final TlsPeer peer;
    private final AtomicBoolean outputEnded = new AtomicBoolean();

    private final ReentrantLock writing = new ReentrantLock();

    /** Records that are going to be sent in one write; null if each is sent at once. */
    private @Nullable ByteBuffer gathered;

    /** False if all that was received is also decrypted and read, so that a read must wait. Only for the reader. */
    private boolean mayHaveMore = true;

    private volatile boolean inputEnded;
    private volatile boolean skipping;

    /**
     * Does the handshake.
     *
     * @param engine the engine of this connection, not yet used
     * @param name receives the server name during the handshake
     * @throws IOException if the handshake fails, or the connection is closed meanwhile
     */
    TlsConnection(Connection below, SSLEngine engine, RequestedName name) throws IOException {
        super(below);
        this.engine = engine;
        readingEngine = new ReadingEngine(engine);
        Wire wire = new Wire();
        channel = new TlsChannelImpl(
                wire,
                wire,
                readingEngine,
                Optional.of(received),
                session -> {},
                true,
                Buffers.PLAINTEXT,
                Buffers.CIPHERTEXT,
                true,
                false);
        handshake();
        peer = peer(name);
    }

    private void handshake() throws IOException {
        gather();
        try {
            while (!isHandshakeDone()) {
                if (!receive()) {
                    throw new DisconnectedException("disconnected during the TLS handshake", null);
                }
            }
        } catch (SSLException | RuntimeException failure) {
            throw refused(failure);
        } finally {
            release();
        }
        readingEngine.establish();
        if (!engine.getSession().getProtocol().equals("TLSv1.3")) {
            // Makes a renegotiation fail. TLS 1.3 has none; the JDK has only a system property for all connections.
            engine.setEnabledProtocols(new String[] {"TLSv1.3"});
        }
    }

    private boolean isHandshakeDone() throws IOException {
        boolean done = true;
        try {
            channel.handshake();
        } catch (NeedsReadException needed) {
            done = false;
        }
        flush();
        return done;
    }

    private SSLException refused(Exception failure) {
        try {
            flush();
            sendAlert();
        } catch (IOException | RuntimeException lost) {
            failure.addSuppressed(lost);
        }
        // The first byte of a record is its type (RFC 8446, section 5.1).
        boolean isTls = waiting.get(0) >= 20 && waiting.get(0) <= 23;
        return new SSLException(
                isTls ? "TLS handshake failed: " + failure.getMessage() : "the client did not speak TLS", failure);
    }

    private TlsPeer peer(RequestedName name) {
        SSLSession session = engine.getSession();
        return new TlsPeer(
                session.getProtocol(),
                session.getCipherSuite(),
                certificates(engine),
                Optional.ofNullable(engine.getApplicationProtocol()).filter(protocol -> !protocol.isEmpty()),
                name.host());
    }

    private static List<X509Certificate> certificates(SSLEngine engine) {
        if (!engine.getNeedClientAuth() && !engine.getWantClientAuth()) {
            // A session of another layer with the same files may have certificates.
            return List.of();
        }
        try {
            Certificate[] certificates = engine.getSession().getPeerCertificates();
            return Stream.of(certificates).map(X509Certificate.class::cast).toList();
        } catch (SSLPeerUnverifiedException none) {
            return List.of();
        }
    }

    /**
     * Reads decrypted bytes; blocks until there is at least one.
     *
     * @return the number of bytes; -1 after close_notify, or if this side has ended the input
     * @throws SSLException if the input ends without close_notify, so that the last bytes may be missing, or if a
     *     record is damaged, or the client demands a renegotiation
     */
    @Override
    public int read(ByteBuffer target) throws IOException {
        if (skipping) {
            return below.read(target);
        }
        if (!target.hasRemaining()) {
            return 0;
        }
        while (!inputEnded) {
            if (mayHaveMore || !received.nullOrEmpty()) {
                int count = decrypt(target);
                if (count != 0) {
                    return count;
                }
            }
            if (!receive() && !inputEnded) {
                throw new SSLException("the TLS connection ended without close_notify; the last bytes may be missing");
            }
        }
        return -1;
    }

    /** Returns 0 if the received bytes are too few. */
    private int decrypt(ByteBuffer target) throws IOException {
        mayHaveMore = true;
        try {
            int count = channel.read(target);
            mayHaveMore = count < 0 || !target.hasRemaining();
            return count;
        } catch (NeedsReadException needed) {
            mayHaveMore = false;
            return 0;
        } catch (RuntimeException invalid) {
            throw new SSLException("the TLS connection received invalid bytes: " + invalid, invalid);
        }
    }

    /** Waits for bytes from below. Returns false at the end of the input. */
    private boolean receive() throws IOException {
        if (!received.nullOrEmpty()) {
            return below.read(received.buffer) >= 0;
        }
        int count = below.read(waiting.clear());
        if (count > 0) {
            received.prepare();
            received.buffer.put(waiting.flip());
        }
        return count >= 0;
    }

    /**
     * Encrypts and writes at most one record, 16,384 bytes, so that a write deadline sees the progress of a long write.
     *
     * @return the number of bytes taken
     * @throws ClosedChannelException if the output was ended
     * @throws SSLException if the client has ended a connection of TLS 1.2, which ends both directions (RFC 5246,
     *     section 7.2.1)
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        if (outputEnded.get()) {
            throw new ClosedChannelException();
        }
        int start = source.position();
        int limit = source.limit();
        source.limit(Math.min(limit, start + RECORD));
        writing.lock();
        try {
            encrypt(source);
        } catch (NeedsWriteException full) {
            // Non-blocking, before a close. The rest of the record is written before the next one.
        } finally {
            writing.unlock();
            source.limit(limit);
        }
        int count = source.position() - start;
        if (count == 0 && source.hasRemaining() && engine.isOutboundDone()) {
            throw new SSLException("the client has ended the connection, which in TLS 1.2 ends both directions");
        }
        return count;
    }

    /** Sends two records in one write, because a second packet with a few bytes costs as much as the first. */
    private void encrypt(ByteBuffer source) throws IOException {
        if (source.remaining() <= ONE_RECORD || skipping) {
            channel.write(source);
            return;
        }
        gather();
        try {
            channel.write(source);
        } finally {
            try {
                flush();
            } finally {
                release();
            }
        }
    }

    /**
     * Ends the input: a waiting read and every later read return -1. Nothing is sent, because TLS has no message for
     * it.
     */
    @Override
    public void shutdownInput() throws IOException {
        inputEnded = true;
        below.shutdownInput();
    }

    /**
     * Sends close_notify, or the alert after a failure, and ends the output below. Blocks as a write does. Reads
     * continue until the client's close_notify.
     */
    @Override
    public void shutdownOutput() throws IOException {
        if (outputEnded.getAndSet(true)) {
            return;
        }
        writing.lock();
        try {
            engine.closeOutbound();
            // The engine takes no more data. With the byte, TlsChannelImpl gets close_notify from it; without, it
            // writes.
            channel.write(ByteBuffer.allocate(1));
            channel.write(ByteBuffer.allocate(0));
        } catch (NeedsWriteException full) {
            // Non-blocking, before a close: the client is not reading.
        } catch (ClosedChannelException failed) {
            sendAlert();
        } finally {
            writing.unlock();
            below.shutdownOutput();
        }
    }

    /** Sends what the engine has to say after a failure, which TlsChannelImpl does not. */
    private void sendAlert() throws IOException {
        ByteBuffer record = ByteBuffer.allocate(TlsChannelImpl.maxTlsPacketSize);
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                && engine.wrap(ByteBuffer.allocate(0), record).bytesProduced() > 0) {
            record.flip();
            while (record.hasRemaining() && below.write(record) > 0) {}
            record.clear();
        }
    }

    /**
     * Makes reads return what arrives below as it is: a lingering close drops it. Writes still encrypt.
     *
     * @return true if the connection below is non-blocking from now on
     */
    @Override
    public boolean nonBlocking() throws IOException {
        skipping = below.nonBlocking();
        return skipping;
    }

    /** Returns false: a read that found nothing to decrypt does not know whether something has arrived. */
    @Override
    public boolean isAllRead() {
        return false;
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return type == TlsPeer.class ? Optional.of(type.cast(peer)) : below.attribute(type);
    }

    /** Returns empty: another process could not use the channel without the keys. */
    @Override
    public Optional<SocketChannel> channel() {
        return Optional.empty();
    }

    /** Closes the connection: no other process can have it. */
    @Override
    public void detach() throws IOException {
        close();
    }

    private void gather() {
        gathered = Buffers.CIPHERTEXT.allocate(TlsChannelImpl.maxTlsPacketSize);
    }

    private void flush() throws IOException {
        ByteBuffer records = gathered;
        if (records != null) {
            records.flip();
            while (records.hasRemaining()) {
                below.write(records);
            }
            records.clear();
        }
    }

    private void release() {
        Buffers.CIPHERTEXT.free(gathered);
        gathered = null;
    }

    /** What TlsChannelImpl reads from and writes to. */
    private final class Wire implements ByteChannel {
        /** Returns 0, so that TlsChannelImpl returns to {@link #receive} instead of waiting. */
        @Override
        public int read(ByteBuffer target) {
            return 0;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            ByteBuffer records = gathered;
            if (records == null) {
                return below.write(source);
            }
            if (records.remaining() < source.remaining()) {
                flush();
            }
            int count = source.remaining();
            records.put(source);
            return count;
        }

        @Override
        public boolean isOpen() {
            return below.isOpen();
        }

        @Override
        public void close() throws IOException {
            below.close();
        }
    }
}
