package org.socketserver.tests;

import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;
import org.socketserver.api.spi.MixIn;

/**
 * A mix-in that runs no more than so many requests at once: by whatever name the bound goes, threads or children.
 *
 * @param mixIn the mix-in
 * @param change sets another bound, also while it serves
 * @param running tells how many requests run
 */
record Bounded(MixIn mixIn, IntConsumer change, IntSupplier running) {
    void bound(int requests) {
        change.accept(requests);
    }

    int active() {
        return running.getAsInt();
    }

    /** Waits until so few requests run: a place is given back just after the handler has ended. */
    void awaitActive(int most) {
        long began = System.nanoTime();
        while (active() > most) {
            if (ServingTest.millisSince(began) > 20_000) {
                throw new AssertionError(active() + " run, not " + most);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
