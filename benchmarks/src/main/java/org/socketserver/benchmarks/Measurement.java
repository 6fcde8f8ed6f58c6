package org.socketserver.benchmarks;

import org.HdrHistogram.Histogram;

/**
 * The result of one round of one contender. Figures that were not measured are NaN.
 *
 * @param value the scenario's figure, in the unit of its {@link Mode}
 * @param asked the requested rate of an open loop, in requests/s
 * @param processorMicros the server's processor time per request, in us
 * @param residentMegabytes the server's resident memory at the end
 * @param generatorShare the share of the time in which the generator was busy, from 0 to 1
 * @param lost requests without an answer
 * @param latencies in ns; empty if not measured
 */
record Measurement(
        double value,
        double asked,
        double processorMicros,
        double residentMegabytes,
        double generatorShare,
        long lost,
        Histogram latencies) {

    /** Above this share, the generator may limit the result. */
    private static final double SATURATED = 0.9;

    /** Below this share of the requested rate, the server did not keep up. */
    private static final double ON_TIME = 0.98;

    static Measurement of(LoadReport report, double asked, double processorSeconds, double residentMegabytes) {
        return new Measurement(
                report.perSecond(),
                asked,
                processorSeconds * 1e6 / report.requests(),
                residentMegabytes,
                report.generatorShare(),
                report.lost(),
                report.latencies());
    }

    static Measurement ofFigure(double value, double residentMegabytes) {
        return new Measurement(value, Double.NaN, Double.NaN, residentMegabytes, Double.NaN, 0, new Histogram(2));
    }

    /** Returns the latency at a percentile, in us. */
    double micros(double percentile) {
        return latencies.getTotalCount() == 0 ? Double.NaN : latencies.getValueAtPercentile(percentile) / 1e3;
    }

    boolean isGeneratorSaturated() {
        return generatorShare > SATURATED;
    }

    boolean missesRate() {
        return value < asked * ON_TIME;
    }
}
