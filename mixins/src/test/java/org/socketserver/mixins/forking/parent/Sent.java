package org.socketserver.mixins.forking.parent;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.mockito.invocation.InvocationOnMock;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;

/** A fake of a worker, which keeps the messages that are sent to it. */
final class Sent {
    final Worker worker = mock(Worker.class);
    /** Messages over its control channel. */
    final BlockingQueue<Frame> messages = new LinkedBlockingQueue<>();
    /** Messages over its standard input. */
    final BlockingQueue<Frame> commands = new LinkedBlockingQueue<>();

    Sent() throws IOException {
        doAnswer(call -> messages.add(frame(call))).when(worker).send(any(), anyLong(), any(), any());
        doAnswer(call -> commands.add(frame(call))).when(worker).command(any(), anyLong(), any());
    }

    private static Frame frame(InvocationOnMock call) throws IOException {
        return frame(call.getArgument(0), call.getArgument(1), call.getArgument(2));
    }

    static Frame frame(FrameType type, long number, ControlChannel.Body body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        body.writeTo(new DataOutputStream(bytes));
        return new Frame(type, number, bytes.toByteArray());
    }
}
