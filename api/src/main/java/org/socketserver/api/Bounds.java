package org.socketserver.api;

/** Checks the numbers that users give. */
final class Bounds {
    private Bounds() {}

    /** Refuses a number out of bounds with a message that names the option, the value, the bounds and the unit. */
    static int inRange(String name, int value, int least, int most, String unit) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " is " + value + " " + unit + "; it must be from " + least + " to " + most + " " + unit);
        }
        return value;
    }
}
