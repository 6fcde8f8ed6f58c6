package org.socketserver.mixins.pool;

import java.time.Duration;
import java.util.List;
import org.socketserver.mixins.HandOver;

/**
 * How workers are started and kept; see the setters of {@link org.socketserver.mixins.ForkingMixIn}.
 *
 * @param minIdle workers that wait for requests, started ahead
 * @param requestsPerChild requests that a worker may have; 0 for any number
 * @param requestsJitter how many fewer it may be, by chance
 * @param idleTimeout how long workers above {@code minIdle} may be idle
 * @param startTimeout how long a worker may take to be ready
 * @param heartbeatTimeout how long a worker may be silent
 * @param handOver how connections get to a worker
 * @param workerOptions options of the JVM of a worker
 */
public record PoolSettings(
        int minIdle,
        int requestsPerChild,
        int requestsJitter,
        Duration idleTimeout,
        Duration startTimeout,
        Duration heartbeatTimeout,
        HandOver handOver,
        List<String> workerOptions) {}
