package org.socketserver.mixins.forking.worker;

/**
 * The main thread of a worker. It waits for requests and runs their handlers.
 *
 * <p>An interrupt reaches it only in a handler's code. Otherwise it would close the channel to the parent or end the
 * server, so it is dropped.
 */
final class HandlerThread extends Thread {
    private final Object lock = new Object();
    /** Guarded by the lock. */
    private boolean exposed;

    HandlerThread(Runnable work, String name) {
        super(work, name);
    }

    /** Returns the calling thread, which must be a handler thread. */
    static HandlerThread current() {
        return (HandlerThread) Thread.currentThread();
    }

    @Override
    public void interrupt() {
        synchronized (lock) {
            if (exposed) {
                super.interrupt();
            }
        }
    }

    /** Called by this thread when a handler begins. */
    void exposed() {
        synchronized (lock) {
            exposed = true;
        }
    }

    /** Called by this thread when the handler has ended: its interrupts are dropped from now on. */
    void sheltered() {
        synchronized (lock) {
            exposed = false;
        }
        Thread.interrupted();
    }
}
