package org.socketserver.api.internal;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Objects;

/** Checks numbers and times from users. The messages contain the option, the value, the bounds and the unit. */
public final class Checks {
    private Checks() {}

    /**
     * Checks that a number is within its bounds.
     *
     * @param name the option
     * @param value its value
     * @param least the minimum
     * @param most the maximum
     * @param unit their unit
     * @return the value
     * @throws IllegalArgumentException if it is out of bounds
     */
    public static int inRange(String name, int value, int least, int most, String unit) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " is " + value + " " + unit + "; it must be from " + least + " to " + most + " " + unit);
        }
        return value;
    }

    /**
     * Checks that a number is not below its bound.
     *
     * @param name the option
     * @param value its value
     * @param least the minimum
     * @param unit their unit
     * @return the value
     * @throws IllegalArgumentException if it is less
     */
    public static int atLeast(String name, int value, int least, String unit) {
        if (value < least) {
            throw new IllegalArgumentException(
                    name + " is " + value + " " + unit + "; it must be " + least + " " + unit + " or more");
        }
        return value;
    }

    /**
     * Checks that a time is not negative.
     *
     * @param name the option
     * @param time its value
     * @return the time
     * @throws IllegalArgumentException if the time is negative
     */
    public static Duration notNegative(String name, Duration time) {
        Objects.requireNonNull(time, name);
        if (time.isNegative()) {
            throw new IllegalArgumentException(name + " is " + text(time) + "; it must be 0 ms or more");
        }
        return time;
    }

    /**
     * Checks that a time is zero or at least 1 ms.
     *
     * @param name the option
     * @param time its value
     * @return the time
     * @throws IllegalArgumentException if the time is negative, or between zero and 1 ms
     */
    public static Duration zeroOrOneMilli(String name, Duration time) {
        Objects.requireNonNull(time, name);
        return time.isZero() || time.isNegative() ? notNegative(name, time) : atLeastMillis(name, time, 1);
    }

    /**
     * Checks that a time is not below its bound.
     *
     * @param name the option
     * @param time its value
     * @param least the minimum in ms
     * @return the time
     * @throws IllegalArgumentException if the time is less
     */
    public static Duration atLeastMillis(String name, Duration time, long least) {
        Objects.requireNonNull(time, name);
        if (time.compareTo(Duration.ofMillis(least)) < 0) {
            throw new IllegalArgumentException(name + " is " + text(time) + "; it must be " + least + " ms or more");
        }
        return time;
    }

    /**
     * Returns a time in ms, the unit of the bounds, to the nanosecond and without an exponent.
     *
     * @param time the time
     * @return for example {@code 0.0001 ms}
     */
    public static String text(Duration time) {
        BigDecimal millis = BigDecimal.valueOf(time.getSeconds(), -3).add(BigDecimal.valueOf(time.getNano(), 6));
        return millis.stripTrailingZeros().toPlainString() + " ms";
    }

    /**
     * Returns a time in ns, or the largest long (292 years) if it is longer.
     *
     * @param time the time
     * @return the time in ns
     */
    public static long nanos(Duration time) {
        try {
            return time.toNanos();
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE;
        }
    }
}
