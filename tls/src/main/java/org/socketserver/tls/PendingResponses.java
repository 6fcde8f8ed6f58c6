package org.socketserver.tls;

import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * Bounds the responses to key updates that a connection has not yet sent.
 *
 * <p>After the handshake, only writes send them. The JDK's engine queues a message and a cipher, about 1.4 KB, for each
 * key update that requests a response (RFC 8446, section 4.6.3). Without a bound, the client of a connection that only
 * reads could fill the heap.
 *
 * <p><b>Threads.</b> The reading and the writing thread may call it at the same time.
 */
final class PendingResponses {
    /** About 140 KB. Clients rarely need one: the JDK updates its keys every 128 GiB ({@code jdk.tls.keyLimits}). */
    static final int MAX_PENDING = 100;

    private final AtomicInteger pending = new AtomicInteger();

    /**
     * Called after each unwrap. The engine does not report key updates, so each record without data counts as one while
     * there is something to send.
     *
     * @param status the engine's status after the unwrap
     * @throws SSLException if there are too many
     */
    void unwrapped(SSLEngineResult result, HandshakeStatus status) throws SSLException {
        if (status == HandshakeStatus.NEED_WRAP
                && result.bytesConsumed() > 0
                && result.bytesProduced() == 0
                && pending.incrementAndGet() > MAX_PENDING) {
            throw new SSLException("the peer sent more than " + MAX_PENDING + " key updates while nothing was written");
        }
    }

    /**
     * Called after each wrap, which sends at most one response.
     *
     * @param status the engine's status after the wrap
     */
    void wrapped(HandshakeStatus status) {
        pending.updateAndGet(count -> status == HandshakeStatus.NEED_WRAP ? Math.max(0, count - 1) : 0);
    }
}
