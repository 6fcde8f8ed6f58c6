package org.socketserver.mixins;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * A picture of one worker process.
 *
 * @param pid its process id
 * @param phase what it is doing
 * @param requests requests it has been given, the current one included
 * @param age time since it was started
 * @param peer whose request it handles, if it handles one
 */
public record WorkerState(long pid, Phase phase, long requests, Duration age, Optional<SocketAddress> peer) {
    /** What a worker is doing. */
    public enum Phase {
        /** Its JVM starts. */
        STARTING,
        /** It waits for a request. */
        IDLE,
        /** It handles a request. */
        BUSY,
        /** It gets no more requests, and its process is about to end. */
        ENDING
    }
}
