package org.socketserver.mixins.pool;

import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;

/** Looks after the workers of a pool ten times a second, until it is interrupted. */
final class Supervisor extends Thread {
    private static final long ROUND_MILLIS = 100;

    private final WorkerPool pool;

    Supervisor(WorkerPool pool) {
        super(pool.serverName() + " supervisor");
        setDaemon(true);
        this.pool = pool;
    }

    @Override
    public void run() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(ROUND_MILLIS);
                try {
                    pool.look();
                } catch (RuntimeException | Error failure) {
                    pool.log().log(Level.ERROR, "supervisor", "worker supervisor failed, continuing", failure);
                }
            }
        } catch (InterruptedException closed) {
            // As asked.
        }
    }
}
