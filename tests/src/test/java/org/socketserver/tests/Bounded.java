package org.socketserver.tests;

import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;
import org.socketserver.api.spi.MixIn;

/**
 * A mix-in with a limit of concurrent requests, whether the limit counts threads or children.
 *
 * @param mixIn the mix-in
 * @param change sets the limit, also while serving
 * @param running returns how many requests are running
 */
record Bounded(MixIn mixIn, IntConsumer change, IntSupplier running) {
    void bound(int requests) {
        change.accept(requests);
    }

    int active() {
        return running.getAsInt();
    }

    /** Waits until at most the given number of requests are running. A slot is returned just after the handler ends. */
    void awaitActive(int most) {
        long began = System.nanoTime();
        while (active() > most) {
            if (ServingTest.millisSince(began) > 20_000) {
                throw new AssertionError(active() + " are running, expected at most " + most);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
