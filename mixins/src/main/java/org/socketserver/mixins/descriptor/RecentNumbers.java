package org.socketserver.mixins.descriptor;

import java.util.Arrays;

/** The numbers that were right last, the latest first. May be used from any thread. */
final class RecentNumbers {
    private static final int MOST = 8;

    /** Replaced, never changed. */
    private volatile int[] numbers = {};

    /** Returns the numbers as they are now; not to be changed. */
    int[] numbers() {
        return numbers;
    }

    /** Puts a number first. If two do so at once, one of them may be lost, which costs a search. */
    void add(int number) {
        int[] old = numbers;
        if (old.length > 0 && old[0] == number) {
            return;
        }
        int[] latest = new int[Math.min(old.length + 1, MOST)];
        latest[0] = number;
        int count = 1;
        for (int each : old) {
            if (each != number && count < latest.length) {
                latest[count++] = each;
            }
        }
        numbers = count == latest.length ? latest : Arrays.copyOf(latest, count);
    }
}
