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
    /** True if an interrupt has come during an exchange of messages. */
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
            late = !exposed;
            if (exposed) {
                super.interrupt();
            }
        }
    }

    /** Called when a handler begins. Called by this thread, like the methods below. */
    void exposed() {
        synchronized (lock) {
            exposed = true;
        }
    }

    /** Called when the handler has ended: its interrupts are dropped from now on. */
    void sheltered() {
        synchronized (lock) {
            exposed = false;
        }
        Thread.interrupted();
    }

    /** Exchanges messages for a handler. An interrupt from before or meanwhile is delivered afterwards. */
    void shelter(Talk talk) throws IOException {
        synchronized (lock) {
            exposed = false;
            late = Thread.interrupted();
        }
        try {
            talk.run();
        } finally {
            synchronized (lock) {
                exposed = true;
                if (late) {
                    super.interrupt();
                }
            }
        }
    }
}
