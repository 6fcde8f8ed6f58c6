package org.socketserver.mixins.worker;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Set;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.Frame;
import org.socketserver.mixins.wire.FrameType;

/**
 * The control channel as the request of a worker uses it: one message asks, the next one answers.
 *
 * <p>While a handler runs, only it receives; one of its threads reads at a time.
 */
final class ParentChannel {
    private final ControlChannel control;

    ParentChannel(ControlChannel control) {
        this.control = control;
    }

    /** Sends a message about a request. */
    void send(FrameType type, long number, ControlChannel.Body body) throws IOException {
        control.send(type, output -> {
            output.writeLong(number);
            body.writeTo(output);
        });
    }

    /** Waits for an answer to a request; answers that came too late for an earlier one are dropped. */
    synchronized Frame answer(long number, FrameType... types) throws IOException {
        Set<FrameType> wanted = Set.of(types);
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

    /** The text of a message about a request. */
    static String text(Frame frame) throws IOException {
        DataInputStream input = frame.open();
        input.readLong();
        return input.readUTF();
    }
}
