package org.socketserver.examples.cli;

import java.util.function.Supplier;

/** Hands the value of an option to the framework, which knows its bounds. */
final class OptionValue {
    private OptionValue() {}

    /**
     * Uses a value, and names the option if it is refused, as picocli does.
     *
     * @throws IllegalArgumentException if the framework refuses the value
     */
    static <T> T of(String option, Supplier<T> use) {
        try {
            return use.get();
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(
                    "Invalid value for option '" + option + "': " + refused.getMessage(), refused);
        }
    }
}
