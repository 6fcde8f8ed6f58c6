package org.socketserver.benchmarks;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * A target: a bound for the ratio of our figure to the best of others, computed from the medians of one run.
 *
 * @param scenario name of the scenario
 * @param ours name of our contender
 * @param others names of the others; the best that was measured counts
 * @param p999 whether the figure is the p99.9 latency instead of the scenario's own figure
 * @param moreIsBetter whether the bound is a minimum; otherwise a maximum
 * @param bound the bound of the ratio
 */
record Target(String scenario, String ours, List<String> others, boolean p999, boolean moreIsBetter, double bound) {

    private static final List<String> NETTY_ONE = List.of("netty-nio-1", "netty-epoll-1", "netty-io_uring-1");

    /** Contenders with the TLS of the JDK. */
    private static final List<String> NETTY_TLS = List.of("netty-nio-1", "netty-epoll-1");

    private static final List<String> PYTHON = List.of("python-threading");

    private static final List<String> NETTY =
            List.of("netty-nio-1", "netty-nio", "netty-epoll-1", "netty-epoll", "netty-io_uring-1", "netty-io_uring");

    private static final List<String> NETTY_AND_GO = List.of(
            "netty-nio-1", "netty-nio", "netty-epoll-1", "netty-epoll", "netty-io_uring-1", "netty-io_uring", "go");

    /** Returns all targets. */
    static List<Target> all() {
        return List.of(
                atLeast("echo64-64", "ours-virtual", NETTY_ONE, 1.00),
                atLeast("echo64-1000", "ours-virtual", NETTY, 1.00),
                atLeast("echo64-64", "ours-virtual", List.of("c-epoll"), 0.88),
                atLeast("echo64-64", "ours-virtual", List.of("bare-virtual"), 0.98),
                atLeast("echo64-1000", "ours-virtual", List.of("bare-virtual"), 0.98),
                atLeast("echo16k-64", "ours-virtual", List.of("bare-virtual"), 0.98),
                atLeast("unix64-64", "ours-virtual", List.of("bare-virtual"), 0.98),
                atLeast("connect", "ours-virtual", NETTY_AND_GO, 1.00),
                atLeast("connect", "ours-virtual", PYTHON, 6),
                new Target("open-50", "ours-virtual", NETTY, true, false, 1.2),
                atLeast("udp64", "ours-sync", List.of("netty-nio-1", "netty-nio"), 1.10),
                atLeast("udp64", "ours-sync", List.of("netty-epoll-1", "netty-epoll"), 0.95),
                atLeast("udp64", "ours-virtual", PYTHON, 15),
                atLeast("unix64-64", "ours-virtual", List.of("netty-epoll-1", "netty-epoll"), 1.00),
                atLeast("unixdgram64-8", "ours-sync", List.of("python-sync"), 1.15),
                atLeast("unixdgram64-8", "ours-sync", List.of("junixsocket"), 0.98),
                atLeast("forking-short", "ours-forking", List.of("python-forking"), 10),
                atLeast("forking-short", "ours-forking-compiled", List.of("python-forking"), 10),
                atMost("idle-15000", "ours-virtual", List.of("netty-epoll-1"), 1.25),
                atLeast("tls64-64", "ours-virtual", NETTY_TLS, 1.00),
                atLeast("tls64-64", "ours-virtual", PYTHON, 1.00),
                atLeast("tls16k-64", "ours-virtual", NETTY_TLS, 1.00),
                atLeast("tls16k-64", "ours-virtual", PYTHON, 1.00),
                atLeast("tls-connect", "ours-virtual", NETTY_TLS, 1.00),
                atLeast("tls-connect", "ours-virtual", PYTHON, 1.00),
                atLeast("tls-resume", "ours-virtual", NETTY_TLS, 1.00),
                atLeast("tls-resume", "ours-virtual", PYTHON, 1.00),
                atMost("tls-idle-2000", "ours-virtual", NETTY_TLS, 1.25),
                atMost("start", "ours-virtual", List.of("bare-virtual"), 1.15));
    }

    private static Target atLeast(String scenario, String ours, List<String> others, double bound) {
        return new Target(scenario, ours, others, false, true, bound);
    }

    private static Target atMost(String scenario, String ours, List<String> others, double bound) {
        return new Target(scenario, ours, others, false, false, bound);
    }

    /**
     * The outcome of a target.
     *
     * @param ratio the ratio of the medians
     * @param paired the ratio of the same contenders, paired by round
     * @param other the best of the others
     * @param reached whether the ratio of the medians reaches the bound
     */
    record Outcome(double ratio, PairedRatio paired, String other, boolean reached) {}

    /** Returns the outcome; empty if one side was not measured. */
    Optional<Outcome> outcome(Results results) {
        ToDoubleFunction<Measurement> figure = p999 ? each -> each.micros(99.9) : Measurement::value;
        Optional<Cell> mine = results.find(scenario, ours);
        double best = Double.NaN;
        String name = "";
        for (String other : others) {
            Optional<Cell> cell = results.find(scenario, other);
            if (cell.isPresent()) {
                double median = cell.get().spread(figure).median();
                if (name.isEmpty() || (moreIsBetter ? median > best : median < best)) {
                    best = median;
                    name = other;
                }
            }
        }
        if (mine.isEmpty() || name.isEmpty()) {
            return Optional.empty();
        }
        double ratio = mine.get().spread(figure).median() / best;
        PairedRatio paired = results.find(scenario, name)
                .map(other -> PairedRatio.of(mine.get().values(figure), other.values(figure)))
                .orElseThrow();
        return Optional.of(new Outcome(ratio, paired, name, moreIsBetter ? ratio >= bound : ratio <= bound));
    }
}
