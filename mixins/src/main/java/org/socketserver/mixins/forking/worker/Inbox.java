package org.socketserver.mixins.forking.worker;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.Frame;

/**
 * Messages from the parent: requests for the main thread, and answers for handlers.
 *
 * <p>Until a handler waits for an answer, the main thread receives by itself, which saves a change of threads for each
 * request. From then on another thread receives, because handlers may be interrupted, and an interrupt would close the
 * channel.
 */
final class Inbox {
    private final ControlChannel control;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final Queue<Frame> requests = new ArrayDeque<>();
    private final Queue<Frame> answers = new ArrayDeque<>();
    private long current;
    private boolean over;
    /** True once another thread receives. Changes only while a handler runs. */
    private volatile boolean receives;

    Inbox(ControlChannel control) {
        this.control = control;
    }

    /** Waits for the next message to the main thread. Called only by the main thread while no handler runs. */
    Frame next() throws IOException {
        if (!receives) {
            for (Frame frame = control.receive(); frame != null; frame = control.receive()) {
                if (!isAnswer(frame)) {
                    return frame;
                }
            }
            throw parentHasGone();
        }
        lock.lock();
        try {
            while (requests.isEmpty() && !over) {
                changed.awaitUninterruptibly();
            }
            if (requests.isEmpty()) {
                throw parentHasGone();
            }
            return requests.remove();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Called when a handler begins and when it has ended. From now on, only threads of this request get answers, and
     * not threads that earlier handlers have left behind.
     *
     * @param number the request; 0 for none
     */
    void current(long number) {
        lock.lock();
        try {
            current = number;
            answers.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Checks that the handler of a request is running, for a thread that an earlier handler may have left behind.
     *
     * @throws ClosedChannelException if it has ended
     */
    void requireCurrent(long number) throws ClosedChannelException {
        lock.lock();
        try {
            if (current != number) {
                throw new ClosedChannelException();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for an answer about a request. Only one thread of the handler may wait at a time.
     *
     * @throws ClosedChannelException if the handler of that request has ended
     */
    Frame answer(long number) throws IOException {
        lock.lock();
        try {
            while (true) {
                requireCurrent(number);
                Frame answer = answers.poll();
                if (answer != null) {
                    return answer;
                }
                if (over) {
                    throw parentHasGone();
                }
                receiveElsewhere();
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private static EOFException parentHasGone() {
        return new EOFException("the server has gone");
    }

    /** Starts a thread that receives. The main thread, which runs the handler, receives no more. */
    private void receiveElsewhere() {
        if (!receives) {
            Thread receiver = new Thread(this::receiveAll, "socketserver worker inbox");
            receiver.setDaemon(true);
            receiver.start();
            receives = true;
        }
    }

    private void receiveAll() {
        try {
            for (Frame frame = control.receive(); frame != null; frame = control.receive()) {
                put(frame);
            }
        } catch (IOException lost) {
            // The same as the end of the input.
        } finally {
            // Also without memory: otherwise a thread would wait for its answer forever.
            lock.lock();
            try {
                over = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void put(Frame frame) throws IOException {
        lock.lock();
        try {
            if (!isAnswer(frame)) {
                requests.add(frame);
            } else if (frame.open().readLong() == current) {
                answers.add(frame);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static boolean isAnswer(Frame frame) {
        return switch (frame.type()) {
            case REPLIED, DATA, READ_FAILED -> true;
            default -> false;
        };
    }
}
