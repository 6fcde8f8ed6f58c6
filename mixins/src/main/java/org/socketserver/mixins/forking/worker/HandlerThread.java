package org.socketserver.mixins.forking.worker;

import java.io.IOException;

/**
 * The thread of a worker that runs handlers, and talks with the parent before, between and after.
 *
 * <p>An interrupt of a thread that is inside of a channel closes the channel (the JDK's and junixsocket's), and without
 * the one to the parent a worker is lost. So an interrupt reaches this thread only while it is in a handler's own
 * hands: what comes while it talks with the parent on behalf of a handler comes afterwards, and what comes while there
 * is none never does.
 */
final class HandlerThread extends Thread {
    private final Object lock = new Object();
    // Guarded by the lock.
    private boolean exposed;
    private boolean late;

    HandlerThread(Runnable work, String name) {
        super(work, name);
    }

    /** The calling thread, which is one. */
    static HandlerThread current() {
        return (HandlerThread) Thread.currentThread();
    }

    /** Something that is sent. */
    interface Talk {
        void run() throws IOException;
    }

    @Override
    public void interrupt() {
        synchronized (lock) {
            if (exposed) {
                super.interrupt();
            } else {
                late = true;
            }
        }
    }

    /** A handler begins. Called by this thread, as are all that follow. */
    void exposed() {
        synchronized (lock) {
            late = false;
            exposed = true;
        }
    }

    /** The handler has ended: what it has left behind, or still comes for it, is nobody's. */
    void sheltered() {
        synchronized (lock) {
            exposed = false;
            late = false;
        }
        Thread.interrupted();
    }

    /** Does something that an interrupt must not reach; one that came before or meanwhile is there again afterwards. */
    void shelter(Talk talk) throws IOException {
        boolean before;
        boolean interrupted;
        synchronized (lock) {
            before = exposed;
            exposed = false;
            interrupted = Thread.interrupted();
        }
        try {
            talk.run();
        } finally {
            synchronized (lock) {
                exposed = before;
                interrupted |= late && before;
                late &= !before;
            }
            if (interrupted) {
                super.interrupt();
            }
        }
    }
}
