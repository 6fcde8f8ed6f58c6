package org.socketserver.benchmarks;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** Formats figures. */
final class Figures {
    private Figures() {}

    /** Formats a figure with at least three digits and at most two decimals; NaN as a dash. */
    static String written(double figure) {
        if (Double.isNaN(figure)) {
            return "-";
        }
        double size = Math.abs(figure);
        String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, figure);
    }

    /** Formats a ratio with three decimals. */
    static String exact(double ratio) {
        return String.format(Locale.ROOT, "%.3f", ratio);
    }

    /** Formats a ratio with two decimals; NaN as a dash. */
    static String ratio(double ratio) {
        return Double.isNaN(ratio) ? "-" : String.format(Locale.ROOT, "%.2f", ratio);
    }

    /** Formats a percentage with as many decimals as necessary, at most three. */
    static String percent(double percent) {
        return BigDecimal.valueOf(percent)
                        .setScale(3, RoundingMode.HALF_UP)
                        .stripTrailingZeros()
                        .toPlainString()
                + " %";
    }
}
