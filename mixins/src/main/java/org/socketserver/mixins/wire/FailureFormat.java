package org.socketserver.mixins.wire;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DatagramTooLongException;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.internal.Thrown;
import org.socketserver.mixins.HandlerException;

/**
 * Writes what a handler threw in a worker, and reads it as an exception for the parent.
 *
 * <p>What the parent decides by stays what it is, with the same message: the kinds of {@link DeadlineException}, {@link
 * DisconnectedException}, {@link DatagramTooLongException} and {@link ProtocolException}, of which subclasses become
 * the class itself. The first two are also found inside an {@link UncheckedIOException}, as the template does. One
 * without a message has the name of its class for it. Everything else becomes a {@link HandlerException}.
 *
 * <p>All come with the stack trace of the worker, 200 frames at most, and up to five causes, as {@link
 * HandlerException}s. What was suppressed stays behind. A text has at most 65,535 bytes; a longer one is cut, with a
 * mark. Nothing that a throwable does, or holds, makes {@link #write} fail or send more than 5 MB.
 */
public final class FailureFormat {
    private static final int MOST_CAUSES = 5;

    private FailureFormat() {}

    /** What is decided by; its ordinal is the first byte. */
    private enum Kind {
        DEADLINE,
        DISCONNECTED,
        DATAGRAM_TOO_LONG,
        PROTOCOL,
        /** Nothing the framework knows. */
        HANDLERS;

        static Kind of(Throwable thrown) {
            if (thrown instanceof DeadlineException) {
                return DEADLINE;
            }
            if (thrown instanceof DisconnectedException) {
                return DISCONNECTED;
            }
            if (thrown instanceof DatagramTooLongException) {
                return DATAGRAM_TOO_LONG;
            }
            return thrown instanceof ProtocolException ? PROTOCOL : HANDLERS;
        }
    }

    /**
     * Writes a failure.
     *
     * @param output where to
     * @param thrown what was thrown
     * @throws IOException if the output fails
     */
    public static void write(DataOutput output, Throwable thrown) throws IOException {
        Throwable failure = unwrapped(thrown);
        List<Throwable> causes = causes(failure);
        // The innermost first, as exceptions are made.
        Collections.reverse(causes);
        output.writeByte(causes.size());
        for (Throwable cause : causes) {
            writeHandlers(output, cause);
            TraceFormat.write(output, Thrown.trace(cause));
        }
        Kind kind = Kind.of(failure);
        output.writeByte(kind.ordinal());
        switch (kind) {
            case DEADLINE -> {
                output.writeByte(((DeadlineException) failure).deadline().ordinal());
                writeMessage(output, failure);
            }
            case DATAGRAM_TOO_LONG -> {
                output.writeInt(((DatagramTooLongException) failure).size());
                output.writeInt(((DatagramTooLongException) failure).limit());
            }
            case DISCONNECTED, PROTOCOL -> writeMessage(output, failure);
            case HANDLERS -> writeHandlers(output, failure);
        }
        TraceFormat.write(output, Thrown.trace(failure));
    }

    private static Throwable unwrapped(Throwable thrown) {
        Throwable cause = thrown instanceof UncheckedIOException ? Thrown.cause(thrown) : null;
        return cause instanceof DisconnectedException || cause instanceof DeadlineException ? cause : thrown;
    }

    private static List<Throwable> causes(Throwable failure) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        seen.add(failure);
        List<Throwable> causes = new ArrayList<>();
        Throwable cause = Thrown.cause(failure);
        while (cause != null && causes.size() < MOST_CAUSES && seen.add(cause)) {
            causes.add(cause);
            cause = Thrown.cause(cause);
        }
        return causes;
    }

    private static void writeMessage(DataOutput output, Throwable failure) throws IOException {
        WireText.writeCut(output, Thrown.message(failure), WireText.LONGEST);
    }

    private static void writeHandlers(DataOutput output, Throwable failure) throws IOException {
        WireText.writeCut(output, Thrown.className(failure), TraceFormat.LONGEST_NAME);
        WireText.writeCut(output, Thrown.text(failure), WireText.LONGEST);
    }

    /**
     * Reads a failure.
     *
     * @param input where from
     * @return an exception that stands for it
     * @throws ProtocolException if there is none
     * @throws java.io.EOFException if the input ends before
     * @throws IOException if the input fails
     */
    public static Exception read(DataInput input) throws IOException {
        int count = input.readUnsignedByte();
        if (count > MOST_CAUSES) {
            throw new ProtocolException("a failure has " + count + " causes; it must have at most " + MOST_CAUSES);
        }
        Exception cause = null;
        for (int i = 0; i < count; i++) {
            cause = withTrace(readHandlers(input, cause), input);
        }
        return withTrace(
                switch (value("kind", Kind.values(), input)) {
                    case DEADLINE ->
                        caused(
                                new DeadlineException(value("deadline", Deadline.values(), input), readMessage(input)),
                                cause);
                    case DISCONNECTED -> new DisconnectedException(readMessage(input), cause);
                    case DATAGRAM_TOO_LONG ->
                        caused(new DatagramTooLongException(input.readInt(), input.readInt()), cause);
                    case PROTOCOL -> caused(new ProtocolException(readMessage(input)), cause);
                    case HANDLERS -> readHandlers(input, cause);
                },
                input);
    }

    private static <T> T value(String what, T[] values, DataInput input) throws IOException {
        int index = input.readUnsignedByte();
        if (index >= values.length) {
            throw new ProtocolException(
                    "the " + what + " of a failure is " + index + "; it must be from 0 to " + (values.length - 1));
        }
        return values[index];
    }

    private static String readMessage(DataInput input) throws IOException {
        return WireText.read(input, "the message of a failure", WireText.LONGEST);
    }

    private static HandlerException readHandlers(DataInput input, @Nullable Exception cause) throws IOException {
        String className = WireText.read(input, "the class of a failure", TraceFormat.LONGEST_NAME);
        return new HandlerException(className, readMessage(input), cause);
    }

    private static Exception caused(Exception failure, @Nullable Exception cause) {
        if (cause != null) {
            failure.initCause(cause);
        }
        return failure;
    }

    private static Exception withTrace(Exception failure, DataInput input) throws IOException {
        failure.setStackTrace(TraceFormat.read(input));
        return failure;
    }
}
