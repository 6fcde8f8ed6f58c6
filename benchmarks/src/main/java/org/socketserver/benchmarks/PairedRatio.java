package org.socketserver.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The ratio of two contenders, paired by round. They alternate, so a temporary slowdown of the machine affects both.
 *
 * @param rounds number of pairs
 * @param mean the geometric mean of the ratios
 * @param low the lower end of its 95 % interval, by bootstrap
 * @param high the upper end
 */
record PairedRatio(int rounds, double mean, double low, double high) {
    private static final int SAMPLES = 10_000;
    /** Fixed, so that the same figures give the same interval. */
    private static final long SEED = 1;

    /** Compares two contenders' figures in the order of the rounds; ignores the rest of the longer list. */
    static PairedRatio of(List<Double> ours, List<Double> others) {
        int rounds = Math.min(ours.size(), others.size());
        double[] logs = IntStream.range(0, rounds)
                .mapToDouble(i -> Math.log(ours.get(i) / others.get(i)))
                .toArray();
        Random random = new Random(SEED);
        double[] means = new double[SAMPLES];
        for (int sample = 0; sample < SAMPLES; sample++) {
            means[sample] = random.ints(rounds, 0, rounds)
                    .mapToDouble(i -> logs[i])
                    .average()
                    .orElse(Double.NaN);
        }
        Arrays.sort(means);
        double mean = Arrays.stream(logs).average().orElse(Double.NaN);
        return new PairedRatio(
                rounds,
                Math.exp(mean),
                Math.exp(means[(int) (SAMPLES * 0.025)]),
                Math.exp(means[(int) (SAMPLES * 0.975)]));
    }
}
