package org.socketserver.tls;

import java.nio.ByteBuffer;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import org.socketserver.tls.internal.channel.BufferAllocator;
import org.socketserver.tls.internal.channel.TrackingAllocator;
import org.socketserver.tls.internal.channel.impl.TlsChannelImpl;

/**
 * The buffers of all connections. A connection that waits for its peer has none, except for the part of a record that
 * has arrived.
 *
 * <p>On the heap, because the ciphers of the JDK work on arrays. {@link TrackingAllocator} only adds counters that are
 * not used.
 */
final class Buffers {
    /** Encrypted records, received or to be sent. JSSE requires space for the longest one (RFC 8446, section 5.2). */
    static final TrackingAllocator CIPHERTEXT = new TrackingAllocator(new Pool());

    /** Decrypted data that does not fit in the reader's buffer. */
    static final TrackingAllocator PLAINTEXT = new TrackingAllocator(new PlainPool());

    /** At most about 1.1 MB in each pool. */
    private static final int POOLED = 64;

    private Buffers() {}

    /** Hands out the buffer that was returned last, which the processor is likely to have in its cache. */
    private static class Pool implements BufferAllocator {
        private final BlockingDeque<ByteBuffer> free = new LinkedBlockingDeque<>(POOLED);

        @Override
        public ByteBuffer allocate(int atLeast) {
            ByteBuffer pooled = free.pollFirst();
            return pooled != null ? pooled : ByteBuffer.allocate(TlsChannelImpl.maxTlsPacketSize);
        }

        @Override
        public void free(ByteBuffer buffer) {
            free.offerFirst(buffer.clear());
        }
    }

    /** TlsChannelImpl overwrites the data before it returns a buffer. */
    private static final class PlainPool extends Pool {
        /** Size of the buffer that TlsChannelImpl allocates for a handshake, and keeps and rarely uses. */
        private static final int KEPT = 64;

        /** After the handshake, TlsChannelImpl only requests more: twice the size of the buffer that it has. */
        @Override
        public ByteBuffer allocate(int atLeast) {
            return atLeast == TlsChannelImpl.buffersInitialSize ? ByteBuffer.allocate(KEPT) : super.allocate(atLeast);
        }

        @Override
        public void free(ByteBuffer buffer) {
            if (buffer.capacity() != KEPT) {
                super.free(buffer);
            }
        }
    }
}
