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
 * What comes from the parent: requests for the main thread, answers for the handler that has asked.
 *
 * <p>Until a handler asks for something, the main thread receives by itself, which saves a change of threads for each
 * request. From then on a thread of its own receives: handlers are interrupted, and an interrupt inside of a channel
 * would close it.
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
    /** True once a thread of its own receives. Changes only while a handler runs. */
    private volatile boolean receives;

    Inbox(ControlChannel control) {
        this.control = control;
    }

    /** Waits for what the main thread has to do; called by it alone, while no handler runs. */
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
     * Called when a handler begins with a request, and when it has ended: only its questions are answered from now on,
     * and threads that it has left behind get no answer.
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
     * Checks that the handler of a request is at work, for a thread that may have been left behind by another.
     *
     * @throws ClosedChannelException if it is done
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
     * Waits for the answer to what was asked about a request; one thread of the handler asks at a time.
     *
     * @throws ClosedChannelException if the handler of that request is done
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

    /** The main thread runs the handler, so only the thread that begins here receives. */
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
            // The same as its end.
        } finally {
            // Also without memory: a thread that waits for an answer would wait for ever.
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
