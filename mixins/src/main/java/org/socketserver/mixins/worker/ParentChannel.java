package org.socketserver.mixins.worker;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.Frame;
import org.socketserver.mixins.wire.FrameType;

/**
 * The control channel as the requests of a worker use it: one message asks, the next one answers.
 *
 * <p>Any thread may ask while its request lasts, also one that the handler has left behind. One at a time asks and waits; the
 * next request is received when none does any more. So {@link #ends} must be told that a request is over, and nothing of it
 * is sent from then on.
 */
final class ParentChannel {
    private final ControlChannel control;
    /** Held while somebody waits for a message. */
    private final ReentrantLock receiving = new ReentrantLock();
    /** Guards what follows, and that nothing is sent about a request after its end. */
    private final ReentrantLock telling = new ReentrantLock();

    private long current;
    /** What somebody has asked for and not been answered; null if there is nothing. */
    private @Nullable FrameType asked;

    ParentChannel(ControlChannel control) {
        this.control = control;
    }

    /** Waits for the next message that is not about a request; null when the parent has gone. */
    @Nullable
    Frame receive() throws IOException {
        receiving.lock();
        try {
            return control.receive();
        } finally {
            receiving.unlock();
        }
    }

    /** From now on messages are about this request. */
    void begins(long number) {
        telling.lock();
        try {
            current = number;
        } finally {
            telling.unlock();
        }
    }

    /** The request is over; who still waits for bytes of it is answered that there are none. */
    void ends(long number) throws IOException {
        telling.lock();
        try {
            if (current == number && asked == FrameType.READ) {
                control.send(FrameType.READ_OFF, output -> output.writeLong(number));
            }
            current = 0;
        } finally {
            telling.unlock();
        }
    }

    /**
     * Sends a message about a request.
     *
     * @throws ClosedChannelException if the request is over
     */
    void send(FrameType type, long number, ControlChannel.Body body) throws IOException {
        telling.lock();
        try {
            tell(type, number, body);
        } finally {
            telling.unlock();
        }
    }

    private void tell(FrameType type, long number, ControlChannel.Body body) throws IOException {
        if (number != current) {
            throw new ClosedChannelException();
        }
        control.send(type, output -> {
            output.writeLong(number);
            body.writeTo(output);
        });
    }

    /**
     * Sends a question about a request, and waits for the answer.
     *
     * @throws ClosedChannelException if the request is over
     */
    Frame ask(FrameType type, long number, ControlChannel.Body body, FrameType... answers) throws IOException {
        receiving.lock();
        try {
            telling.lock();
            try {
                tell(type, number, body);
                asked = type;
            } finally {
                telling.unlock();
            }
            return answer(number, Set.of(answers));
        } finally {
            asked(null);
            receiving.unlock();
        }
    }

    private void asked(@Nullable FrameType what) {
        telling.lock();
        try {
            asked = what;
        } finally {
            telling.unlock();
        }
    }

    /** Answers that came too late for an earlier request are dropped. */
    private Frame answer(long number, Set<FrameType> wanted) throws IOException {
        while (true) {
            Frame frame = control.receive();
            if (frame == null) {
                throw new EOFException("the server has gone");
            }
            if (frame.type() == FrameType.PING) {
                control.send(FrameType.PONG);
            } else if (wanted.contains(frame.type()) && frame.open().readLong() == number) {
                return frame;
            }
        }
    }
}
