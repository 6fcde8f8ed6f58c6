package org.socketserver.mixins.wire;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.ProtocolException;

/**
 * Writes and reads stack traces: a count, then class, method, file and line of each frame. Modules and loaders stay
 * behind.
 */
final class TraceFormat {
    /** A deeper trace loses its outermost frames. */
    static final int MOST_FRAMES = 200;
    /** Of each of the three names. */
    static final int LONGEST_NAME = 1_024;

    private TraceFormat() {}

    /** Writes the innermost frames. */
    static void write(DataOutput output, StackTraceElement[] trace) throws IOException {
        int count = Math.min(trace.length, MOST_FRAMES);
        output.writeByte(count);
        for (int i = 0; i < count; i++) {
            StackTraceElement frame = trace[i];
            String file = frame.getFileName();
            WireText.writeCut(output, frame.getClassName(), LONGEST_NAME);
            WireText.writeCut(output, frame.getMethodName(), LONGEST_NAME);
            // No file has an empty name, so that is for those that were not told.
            WireText.writeCut(output, file != null ? file : "", LONGEST_NAME);
            output.writeInt(frame.getLineNumber());
        }
    }

    /** Reads what {@link #write} wrote. */
    static StackTraceElement[] read(DataInput input) throws IOException {
        int count = input.readUnsignedByte();
        if (count > MOST_FRAMES) {
            throw new ProtocolException("a stack trace has " + count + " frames; it must have at most " + MOST_FRAMES);
        }
        StackTraceElement[] trace = new StackTraceElement[count];
        for (int i = 0; i < count; i++) {
            String type = WireText.read(input, "the class of a frame", LONGEST_NAME);
            String method = WireText.read(input, "the method of a frame", LONGEST_NAME);
            String file = WireText.read(input, "the file of a frame", LONGEST_NAME);
            trace[i] = new StackTraceElement(type, method, file.isEmpty() ? null : file, input.readInt());
        }
        return trace;
    }
}
