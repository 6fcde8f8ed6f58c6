package org.socketserver.mixins.forking.worker;

import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;

/**
 * What the parent sends to the handler of the current request. The {@link CommandLoop} receives it, so that a thread of
 * a handler, which may be interrupted, never waits in a channel.
 *
 * <p>Only threads of the current request get answers, and not threads that earlier handlers have left behind.
 */
final class Answers {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by the lock. */
    private final Queue<Frame> answers = new ArrayDeque<>();

    // Written under the lock and read without it.
    private volatile long current;
    private volatile @Nullable String loss;

    /**
     * Called when a handler begins and when it has ended.
     *
     * @param number the request; 0 for none
     */
    void current(long number) {
        lock.lock();
        try {
            current = number;
            loss = null;
            answers.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the handler of a request is running. */
    boolean isCurrent(long number) {
        return number == current;
    }

    /** Returns why the client of the current request can't be written to; null if it can. */
    @Nullable
    String loss() {
        return loss;
    }

    /** Adds an answer or a loss of the client; has no effect if the handler of its request has ended. */
    void add(Frame frame) {
        lock.lock();
        try {
            if (!isCurrent(frame.number())) {
                return;
            }
            if (frame.type() == FrameType.LOST) {
                loss = frame.text();
            } else {
                answers.add(frame);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for an answer about a request, and is not ended by an interrupt. Only one thread of the handler may wait at
     * a time.
     *
     * @throws ClosedChannelException if the handler of that request has ended
     */
    Frame await(long number) throws ClosedChannelException {
        lock.lock();
        try {
            while (isCurrent(number)) {
                Frame answer = answers.poll();
                if (answer != null) {
                    return answer;
                }
                changed.awaitUninterruptibly();
            }
            throw new ClosedChannelException();
        } finally {
            lock.unlock();
        }
    }
}
