package org.socketserver.benchmarks;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** How figures are written. */
final class Figures {
    private Figures() {}

    /** Writes three digits at least, and no more behind the point than that takes; a dash for NaN. */
    static String written(double figure) {
        if (Double.isNaN(figure)) {
            return "-";
        }
        double size = Math.abs(figure);
        String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, figure);
    }

    /** Writes a ratio to three places. */
    static String exact(double ratio) {
        return String.format(Locale.ROOT, "%.3f", ratio);
    }

    /** Writes a ratio; a dash for NaN. */
    static String ratio(double ratio) {
        return Double.isNaN(ratio) ? "-" : String.format(Locale.ROOT, "%.2f", ratio);
    }

    /** Writes a percentage with as many digits behind the point as it has. */
    static String percent(double percent) {
        return BigDecimal.valueOf(percent)
                        .setScale(3, RoundingMode.HALF_UP)
                        .stripTrailingZeros()
                        .toPlainString()
                + " %";
    }
}
