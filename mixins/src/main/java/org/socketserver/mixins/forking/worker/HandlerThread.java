package org.socketserver.mixins.forking.worker;

import java.io.IOException;

/**
 * The main thread of a worker. It runs the handlers, and exchanges messages with the parent.
 *
 * <p>An interrupt of a thread that uses a channel closes the channel (the JDK's and junixsocket's), and without the
 * channel to the parent the worker is lost. So an interrupt reaches this thread only in a handler's code. If it comes
 * while the thread exchanges messages for a handler, it is delivered afterwards. Between two handlers it is dropped.
 */
final class HandlerThread extends Thread {
    private final Object lock = new Object();
    // Guarded by the lock.
    private boolean exposed;
    private boolean late;

    HandlerThread(Runnable work, String name) {
        super(work, name);
    }

    /** Returns the calling thread, which must be a handler thread. */
    static HandlerThread current() {
        return (HandlerThread) Thread.currentThread();
    }

    /** An exchange of messages. */
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

    /** Called when a handler begins. Called by this thread, like the methods below. */
    void exposed() {
        synchronized (lock) {
            late = false;
            exposed = true;
        }
    }

    /** Called when the handler has ended: its interrupts are dropped from now on. */
    void sheltered() {
        synchronized (lock) {
            exposed = false;
            late = false;
        }
        Thread.interrupted();
    }

    /** Exchanges messages without interrupts. An interrupt from before or meanwhile is delivered afterwards. */
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
