package org.socketserver.tls;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
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
    static final TrackingAllocator PLAINTEXT = new TrackingAllocator(new Plain());

    /** At most about 1.1 MB for all connections. */
    private static final int POOLED = 64;

    private Buffers() {}

    private static final class Pool implements BufferAllocator {
        private final BlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(POOLED);

        @Override
        public ByteBuffer allocate(int atLeast) {
            ByteBuffer pooled = free.poll();
            return pooled != null ? pooled : ByteBuffer.allocate(TlsChannelImpl.maxTlsPacketSize);
        }

        @Override
        public void free(ByteBuffer buffer) {
            free.offer(buffer.clear());
        }
    }

    private static final class Plain implements BufferAllocator {
        /**
         * During the handshake, TlsChannelImpl allocates a buffer of its initial size that it keeps and rarely uses.
         * Later it only requests more: twice the size of the buffer that it has.
         */
        @Override
        public ByteBuffer allocate(int atLeast) {
            int initial = TlsChannelImpl.buffersInitialSize;
            return ByteBuffer.allocate(atLeast == initial ? 64 : Math.max(initial, atLeast));
        }

        @Override
        public void free(ByteBuffer buffer) {
            // For the garbage collector. TlsChannelImpl has overwritten the data.
        }
    }
}
