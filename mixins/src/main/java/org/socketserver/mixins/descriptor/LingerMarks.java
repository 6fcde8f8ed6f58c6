package org.socketserver.mixins.descriptor;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Values of SO_LINGER that nobody would set in earnest, each given to one at a time. */
final class LingerMarks {
    /** From 8 hours to the most that the JDK takes (65,535 s). */
    private static final int FIRST = 30_000;

    private static final int COUNT = 65_536 - FIRST;

    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final Set<Integer> TAKEN = ConcurrentHashMap.newKeySet();

    private LingerMarks() {}

    static int take() {
        int mark;
        do {
            mark = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
        } while (!TAKEN.add(mark));
        return mark;
    }

    static void giveBack(int mark) {
        TAKEN.remove(mark);
    }
}
