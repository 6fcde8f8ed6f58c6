package org.socketserver.api;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Counters and gauges of a server since it was created. Each request is counted once when it begins, and once, by its
 * outcome, when it ends. The values are read one after another, so they can differ by requests that begin or end at
 * that moment.
 *
 * <p><b>When they change.</b> The counters, {@link Server#liveRequests()} and the limits change when the handler has
 * returned, before the client can see the end of its request. So a client that has read the end of a connection, or the
 * reply that a handler wrote to {@link DatagramRequest#output()}, finds its request counted and its slot free. The
 * request is closed afterwards and then reported once to {@link RequestListener#requestStopped}. A stop and {@code
 * awaitIdle} wait until the request is closed.
 *
 * <p>There are three exceptions, in which the client can see the end earlier: a handler that ends the output itself or
 * calls {@link DatagramRequest#reply}; a request that a deadline or a stop aborts; and a request whose worker process
 * is killed. If a request ends differently after it was counted, for example because its reply can't be sent, the
 * counters are corrected when it is closed.
 *
 * @param accepted requests accepted or received, including rejected ones
 * @param active requests that have begun and whose handler has not returned, including those being rejected
 * @param peak maximum of {@code active}; can exceed the limit of the mix-in, because rejected requests are included
 * @param ended requests that have ended, by outcome; contains every outcome as a key
 * @param rejected rejected requests, by reason; contains every reason as a key
 * @param timedOut requests that have exceeded a deadline, by deadline; contains every deadline as a key
 * @param bytesIn bytes read from clients, including those of active requests
 * @param bytesOut bytes sent to clients, including those of active requests
 * @param truncated datagrams that were longer than the receive buffer
 * @param unanswerable datagrams dropped because no reply could reach their sender: port 0, or this server's own address
 * @param overBudget connections ended and datagrams dropped because clients made this process hold too much memory:
 *     {@link org.socketserver.api.server.ClientMemory}
 * @param acceptFailures failures of accepting or receiving
 * @param acceptPauses pauses of the accept loop because the system lacked resources
 * @param acceptPaused total duration of those pauses
 * @param stuck requests that were reported as stuck
 * @param handshakes connections whose {@linkplain org.socketserver.api.spi.Layer layers} are not complete
 * @param workers worker processes of the mix-in, by phase; contains every phase as a key
 * @param workersStarted worker processes that were started, including those that were replaced
 * @param workersDied worker processes that exited unexpectedly
 */
public record ServerStats(
        long accepted,
        long active,
        long peak,
        Map<RequestOutcome, Long> ended,
        Map<Rejection, Long> rejected,
        Map<Deadline, Long> timedOut,
        long bytesIn,
        long bytesOut,
        long truncated,
        long unanswerable,
        long overBudget,
        long acceptFailures,
        long acceptPauses,
        Duration acceptPaused,
        long stuck,
        long handshakes,
        Map<WorkerState.Phase, Long> workers,
        long workersStarted,
        long workersDied) {
    /**
     * Returns how many requests ended with an outcome.
     *
     * @param outcome the outcome
     * @return the number of requests
     */
    public long ended(RequestOutcome outcome) {
        return ended.getOrDefault(outcome, 0L);
    }

    /**
     * Returns how many requests were rejected for a reason.
     *
     * @param why the reason
     * @return the number of requests
     */
    public long rejected(Rejection why) {
        return rejected.getOrDefault(why, 0L);
    }

    /**
     * Returns how many requests exceeded a deadline.
     *
     * @param deadline the deadline
     * @return the number of requests
     */
    public long timedOut(Deadline deadline) {
        return timedOut.getOrDefault(deadline, 0L);
    }

    /**
     * Returns how many worker processes are in a phase.
     *
     * @param phase the phase
     * @return the number of processes
     */
    public long workers(WorkerState.Phase phase) {
        return workers.getOrDefault(phase, 0L);
    }

    /**
     * Adds the counters of another server.
     *
     * @param other counters
     * @return the sums; {@code peak} too, although the two peaks may have been at different times
     */
    public ServerStats plus(ServerStats other) {
        return new ServerStats(
                accepted + other.accepted,
                active + other.active,
                peak + other.peak,
                sum(ended, other.ended),
                sum(rejected, other.rejected),
                sum(timedOut, other.timedOut),
                bytesIn + other.bytesIn,
                bytesOut + other.bytesOut,
                truncated + other.truncated,
                unanswerable + other.unanswerable,
                overBudget + other.overBudget,
                acceptFailures + other.acceptFailures,
                acceptPauses + other.acceptPauses,
                acceptPaused.plus(other.acceptPaused),
                stuck + other.stuck,
                handshakes + other.handshakes,
                sum(workers, other.workers),
                workersStarted + other.workersStarted,
                workersDied + other.workersDied);
    }

    private static <K> Map<K, Long> sum(Map<K, Long> one, Map<K, Long> other) {
        Map<K, Long> sums = new LinkedHashMap<>(one);
        other.forEach((key, count) -> sums.merge(key, count, Long::sum));
        return Collections.unmodifiableMap(sums);
    }

    /**
     * Returns the counters and gauges in one line, without the workers. Zeros are left out, except in the first three.
     *
     * @return for example {@code accepted 12, active 1, peak 3, done 10, rejected: per client 1, bytes in 120, bytes
     *     out 120}
     */
    @Override
    public String toString() {
        StringJoiner line = new StringJoiner(", ");
        line.add("accepted " + accepted).add("active " + active).add("peak " + peak);
        ended.forEach((outcome, count) -> {
            if (outcome != RequestOutcome.REJECTED && outcome != RequestOutcome.TIMED_OUT) {
                add(line, outcome.toString(), count);
            }
        });
        rejected.forEach((why, count) -> add(line, RequestOutcome.REJECTED + ": " + why, count));
        timedOut.forEach((deadline, count) -> add(line, RequestOutcome.TIMED_OUT + ": " + deadline, count));
        add(line, "bytes in", bytesIn);
        add(line, "bytes out", bytesOut);
        add(line, "truncated", truncated);
        add(line, "unanswerable", unanswerable);
        add(line, "over budget", overBudget);
        add(line, "accept failures", acceptFailures);
        add(line, "accept pauses", acceptPauses);
        add(line, "accept paused ms", acceptPaused.toMillis());
        add(line, "stuck", stuck);
        add(line, "handshakes", handshakes);
        return line.toString();
    }

    private static void add(StringJoiner line, String name, long count) {
        if (count > 0) {
            line.add(name + " " + count);
        }
    }
}
