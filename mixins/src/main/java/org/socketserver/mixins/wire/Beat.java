package org.socketserver.mixins.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;

/**
 * How a request fares in a worker.
 *
 * @param number the request
 * @param waiting true while the handler waits for the peer
 * @param bytesIn bytes that it has read
 * @param bytesOut bytes that it has written
 * @param stack what it is doing, innermost frame first; the first {@value #DEEPEST} frames
 */
public record Beat(long number, boolean waiting, long bytesIn, long bytesOut, List<StackTraceElement> stack) {
    private static final int DEEPEST = 64;

    /** Nothing is known yet. */
    public static final Beat NONE = new Beat(0, false, 0, 0, List.of());

    /**
     * Writes it.
     *
     * @param output where to
     * @throws IOException if it can't be written
     */
    public void writeTo(DataOutputStream output) throws IOException {
        output.writeLong(number);
        output.writeBoolean(waiting);
        output.writeLong(bytesIn);
        output.writeLong(bytesOut);
        int frames = Math.min(DEEPEST, stack.size());
        output.writeByte(frames);
        for (StackTraceElement frame : stack.subList(0, frames)) {
            output.writeUTF(frame.getClassName());
            output.writeUTF(frame.getMethodName());
            output.writeUTF(frame.getFileName() == null ? "" : frame.getFileName());
            output.writeInt(frame.getLineNumber());
        }
    }

    /**
     * Reads it.
     *
     * @param input where from
     * @return the message
     * @throws IOException if it is none
     */
    public static Beat read(DataInputStream input) throws IOException {
        long number = input.readLong();
        boolean waiting = input.readBoolean();
        long bytesIn = input.readLong();
        long bytesOut = input.readLong();
        int frames = input.readUnsignedByte();
        if (frames > DEEPEST) {
            throw new ProtocolException("a stack of " + frames + " frames; the most is " + DEEPEST);
        }
        List<StackTraceElement> stack = new ArrayList<>(frames);
        for (int i = 0; i < frames; i++) {
            String type = input.readUTF();
            String method = input.readUTF();
            String file = input.readUTF();
            stack.add(new StackTraceElement(type, method, file.isEmpty() ? null : file, input.readInt()));
        }
        return new Beat(number, waiting, bytesIn, bytesOut, List.copyOf(stack));
    }
}
