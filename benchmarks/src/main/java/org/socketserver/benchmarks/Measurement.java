package org.socketserver.benchmarks;

import org.HdrHistogram.Histogram;

/**
 * What one round gave for one contender. What was not measured is NaN.
 *
 * @param value the figure of the scenario, in the unit of its {@link Mode}
 * @param asked the rate that an open loop asked for, in requests/s
 * @param processorMicros time of the server on processors for each request, in us
 * @param residentMegabytes memory of the server in RAM at the end
 * @param generatorShare how busy the generator was, from 0 to 1
 * @param lost requests without an answer
 * @param latencies how long answers took, in ns; empty if not measured
 */
record Measurement(
        double value,
        double asked,
        double processorMicros,
        double residentMegabytes,
        double generatorShare,
        long lost,
        Histogram latencies) {

    /** Beyond this share the generator may be what is measured. */
    private static final double SATURATED = 0.9;

    /** An open loop that issues less than this of what it should can't keep up. */
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

    /** Tells the time within which a share of the answers came, in us. */
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
