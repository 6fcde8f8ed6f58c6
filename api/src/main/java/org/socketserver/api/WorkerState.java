package org.socketserver.api;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * A snapshot of one worker process of a mix-in.
 *
 * @param pid its process id
 * @param phase what it is doing
 * @param requests requests that were assigned to it, including the current one
 * @param age time since it was started
 * @param peer the client whose request it handles, if any
 */
public record WorkerState(long pid, Phase phase, long requests, Duration age, Optional<SocketAddress> peer) {
    /** What a worker is doing. */
    public enum Phase {
        /** Its JVM is starting. */
        STARTING,
        /** It is waiting for a request. */
        IDLE,
        /** It is handling a request. */
        BUSY,
        /** It gets no more requests, and its process is ending. */
        ENDING
    }
}
