package org.socketserver.mixins.worker;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.Frame;
import org.socketserver.mixins.wire.FrameType;

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
    private final Queue<Frame> orders = new ArrayDeque<>();
    private final Queue<Frame> answers = new ArrayDeque<>();
    private long current;
    private boolean receives;
    private @Nullable IOException end;

    Inbox(ControlChannel control) {
        this.control = control;
    }

    /** Waits for what the main thread has to do; called by it alone, while no handler runs. */
    Frame order() throws IOException {
        if (receivesHere()) {
            return receiveOrder();
        }
        lock.lock();
        try {
            while (orders.isEmpty() && end == null) {
                changed.awaitUninterruptibly();
            }
            Frame order = orders.poll();
            if (order == null) {
                throw new EOFException("the server has gone");
            }
            return order;
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the main thread receives by itself. That changes only while a handler runs. */
    private boolean receivesHere() {
        lock.lock();
        try {
            return !receives;
        } finally {
            lock.unlock();
        }
    }

    private Frame receiveOrder() throws IOException {
        while (true) {
            Frame frame = control.receive();
            if (frame == null) {
                throw new EOFException("the server has gone");
            }
            if (!isPing(frame) && isOrder(frame)) {
                return frame;
            }
        }
    }

    /** A handler begins with a request; only its questions are answered from now on. */
    void begins(long number) {
        lock.lock();
        try {
            current = number;
            answers.clear();
        } finally {
            lock.unlock();
        }
    }

    /** The handler is done; threads that it has left behind get no answer. */
    void ends() {
        lock.lock();
        try {
            current = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Insists that the handler of a request is at work; who was left behind by another need not ask.
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
                if (current != number) {
                    throw new ClosedChannelException();
                }
                Frame answer = answers.poll();
                if (answer != null) {
                    return answer;
                }
                if (end != null) {
                    throw new EOFException("the server has gone");
                }
                receiveElsewhere();
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The main thread runs the handler, so nobody receives but the thread that begins here. */
    private void receiveElsewhere() {
        if (!receives) {
            Thread receiver = new Thread(this::receiveAll, "socketserver worker inbox");
            receiver.setDaemon(true);
            receiver.start();
            receives = true;
        }
    }

    private void receiveAll() {
        IOException reason = new EOFException("the server has gone");
        try {
            for (Frame frame = control.receive(); frame != null; frame = control.receive()) {
                if (!isPing(frame)) {
                    put(frame);
                }
            }
        } catch (IOException lost) {
            reason = lost;
        } finally {
            // Also for want of memory: who waits for an answer would wait for ever.
            ends(reason);
        }
    }

    private void ends(IOException reason) {
        lock.lock();
        try {
            end = reason;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void put(Frame frame) throws IOException {
        lock.lock();
        try {
            if (isOrder(frame)) {
                orders.add(frame);
            } else if (frame.open().readLong() == current) {
                answers.add(frame);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isPing(Frame frame) throws IOException {
        if (frame.type() == FrameType.PING) {
            control.send(FrameType.PONG);
            return true;
        }
        return false;
    }

    /** Returns whether a message is for the main thread; the others answer a question. */
    private static boolean isOrder(Frame frame) {
        return switch (frame.type()) {
            case SERVER, DEADLINES, REQUEST, RELEASE -> true;
            default -> false;
        };
    }
}
