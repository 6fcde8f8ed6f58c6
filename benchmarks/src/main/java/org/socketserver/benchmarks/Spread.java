package org.socketserver.benchmarks;

import java.util.Collection;

/**
 * The median and the range of some figures. All NaN if there are no figures.
 *
 * @param median the median; of an even number, the mean of the middle two
 * @param least the smallest figure
 * @param most the largest figure
 */
record Spread(double median, double least, double most) {
    /** Returns the spread of figures; ignores NaN. */
    static Spread of(Collection<Double> figures) {
        double[] sorted = figures.stream()
                .mapToDouble(Double::doubleValue)
                .filter(figure -> !Double.isNaN(figure))
                .sorted()
                .toArray();
        if (sorted.length == 0) {
            return new Spread(Double.NaN, Double.NaN, Double.NaN);
        }
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }
}
