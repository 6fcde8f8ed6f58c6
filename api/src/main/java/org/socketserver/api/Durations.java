package org.socketserver.api;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Objects;

/** Checks and converts the times that users give. */
final class Durations {
    private Durations() {}

    /** Refuses a negative time with a message that names the option and the value. */
    static Duration notNegative(String name, Duration time) {
        Objects.requireNonNull(time, name);
        if (time.isNegative()) {
            throw new IllegalArgumentException(name + " is " + text(time) + "; it must be 0 ms or more");
        }
        return time;
    }

    /**
     * Refuses a negative time, and one between zero and a millisecond, with a message that names the option and the
     * value.
     */
    static Duration zeroOrOneMilli(String name, Duration time) {
        Objects.requireNonNull(time, name);
        return time.isZero() || time.isNegative() ? notNegative(name, time) : atLeastOneMilli(name, time);
    }

    /** Refuses a time of less than a millisecond with a message that names the option and the value. */
    static Duration atLeastOneMilli(String name, Duration time) {
        Objects.requireNonNull(time, name);
        if (time.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException(name + " is " + text(time) + "; it must be 1 ms or more");
        }
        return time;
    }

    /** Returns a time in ms, the unit of the bounds, to the nanosecond and without an exponent: {@code 0.0001 ms}. */
    static String text(Duration time) {
        BigDecimal millis = BigDecimal.valueOf(time.getSeconds(), -3).add(BigDecimal.valueOf(time.getNano(), 6));
        return millis.stripTrailingZeros().toPlainString() + " ms";
    }

    /** Nanoseconds, or the largest there are (292 years). */
    static long nanos(Duration time) {
        try {
            return time.toNanos();
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE;
        }
    }
}
