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
            // The framework's name for it is left out.
            String why = String.valueOf(refused.getMessage()).replaceFirst("^\\w+ is ", "it is ");
            throw new IllegalArgumentException("Invalid value for option '" + option + "': " + why, refused);
        }
    }
}
