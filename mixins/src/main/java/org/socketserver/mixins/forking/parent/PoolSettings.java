package org.socketserver.mixins.forking.parent;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import org.socketserver.mixins.HandOver;

/**
 * How workers are started and kept; see the setters of {@link org.socketserver.mixins.ForkingMixIn}.
 *
 * @param minIdle idle workers that are kept ready
 * @param requestsPerChild requests that a worker handles; 0 for any number
 * @param requestsJitter by how much that is reduced at random
 * @param idleTimeout how long workers beyond {@code minIdle} may be idle
 * @param startTimeout how long a worker may take to become ready
 * @param heartbeatTimeout how long a worker may send no heartbeat
 * @param handOver how connections are passed to a worker
 * @param descriptors true if connections can be passed as file descriptors
 * @param workerOptions options of the JVM of a worker
 * @param maxChildren the largest number of workers, which may change
 * @param giveBack called once for each request, when its handler has ended
 * @param started counts processes that were started, over all pools of a mix-in
 * @param died counts those that exited unexpectedly
 */
public record PoolSettings(
        int minIdle,
        int requestsPerChild,
        int requestsJitter,
        Duration idleTimeout,
        Duration startTimeout,
        Duration heartbeatTimeout,
        HandOver handOver,
        boolean descriptors,
        List<String> workerOptions,
        IntSupplier maxChildren,
        Runnable giveBack,
        LongAdder started,
        LongAdder died) {}
