package org.socketserver.api;

import java.time.Duration;
import java.util.Map;
import java.util.StringJoiner;

/**
 * What a server has done since it was made, and what it is doing: counters and gauges at one moment. Each request is
 * counted once when it begins, and once, by its outcome, when it ends. The numbers are read one after another: while
 * requests begin and end, they may differ by those that do so at this moment.
 *
 * @param accepted requests accepted or received, those that were turned away included
 * @param active requests that have begun and not ended, those being turned away or closed included
 * @param peak the most that were active at the same time; may exceed the bound of the mix-in for that reason
 * @param ended requests that have ended, by how; every outcome is there
 * @param refused requests turned away, by why; every reason is there
 * @param timedOut requests that took too long, by deadline; every deadline is there
 * @param bytesIn bytes read from peers, by requests that are active as well
 * @param bytesOut bytes sent to peers, by requests that are active as well
 * @param truncated datagrams that were longer than the receive buffer
 * @param unanswerable datagrams dropped because no reply could reach their sender: port 0, or this server's own address
 * @param acceptFailures failures of accepting or receiving
 * @param acceptPauses pauses the accept loop made because the system lacked resources
 * @param acceptPaused how long those pauses were together
 * @param stuck requests that were reported as stuck
 */
public record ServerStats(
        long accepted,
        long active,
        long peak,
        Map<RequestOutcome, Long> ended,
        Map<Refusal, Long> refused,
        Map<Deadline, Long> timedOut,
        long bytesIn,
        long bytesOut,
        long truncated,
        long unanswerable,
        long acceptFailures,
        long acceptPauses,
        Duration acceptPaused,
        long stuck) {
    /**
     * Returns how many requests ended with an outcome.
     *
     * @param outcome the way
     * @return how many
     */
    public long ended(RequestOutcome outcome) {
        return ended.getOrDefault(outcome, 0L);
    }

    /**
     * Returns how many requests were rejected for a reason.
     *
     * @param why the reason
     * @return how many
     */
    public long refused(Refusal why) {
        return refused.getOrDefault(why, 0L);
    }

    /**
     * Returns how many requests exceeded a deadline.
     *
     * @param deadline the deadline
     * @return how many
     */
    public long timedOut(Deadline deadline) {
        return timedOut.getOrDefault(deadline, 0L);
    }

    /**
     * Returns all counters in one line. Zeros are left out, except in the first three.
     *
     * @return for example {@code accepted 12, active 1, peak 3, done 10, refused: per client 1, bytes in 120, bytes out
     *     120}
     */
    @Override
    public String toString() {
        StringJoiner line = new StringJoiner(", ");
        line.add("accepted " + accepted).add("active " + active).add("peak " + peak);
        ended.forEach((outcome, count) -> {
            if (outcome != RequestOutcome.REFUSED && outcome != RequestOutcome.TIMED_OUT) {
                add(line, outcome.toString(), count);
            }
        });
        refused.forEach((why, count) -> add(line, RequestOutcome.REFUSED + ": " + why, count));
        timedOut.forEach((deadline, count) -> add(line, RequestOutcome.TIMED_OUT + ": " + deadline, count));
        add(line, "bytes in", bytesIn);
        add(line, "bytes out", bytesOut);
        add(line, "truncated", truncated);
        add(line, "unanswerable", unanswerable);
        add(line, "accept failures", acceptFailures);
        add(line, "accept pauses", acceptPauses);
        add(line, "accept paused ms", acceptPaused.toMillis());
        add(line, "stuck", stuck);
        return line.toString();
    }

    private static void add(StringJoiner line, String name, long count) {
        if (count > 0) {
            line.add(name + " " + count);
        }
    }
}
