package org.socketserver.mixins.forking.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
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
 * <p>Exceptions that the parent distinguishes keep their class and message: {@link DeadlineException}, {@link
 * DisconnectedException}, {@link DatagramTooLongException} and {@link ProtocolException}, of which subclasses become
 * that class. The first two are also found inside an {@link UncheckedIOException}, as the template does.
 * Everything else becomes a {@link HandlerException} with the name of its class and its text.
 *
 * <p>All come with the stack trace of the worker, {@value #MAX_FRAMES} frames at most, and up to five causes, as
 * {@link HandlerException}s; suppressed exceptions are not carried. A text of more than {@value #MAX_TEXT}
 * characters is cut, with a mark. Nothing that a throwable does, or holds, makes {@link #write} fail.
 */
public final class FailureFormat {
    private static final int MAX_CAUSES = 5;
    private static final int MAX_FRAMES = 200;
    /** Characters of a class, method or file. */
    private static final int MAX_NAME = 1_024;
    /** Characters; each has at most 3 of the 65,535 bytes that {@link DataOutputStream#writeUTF} can write. */
    private static final int MAX_TEXT = 20_000;

    private FailureFormat() {}

    /** The exceptions that the parent distinguishes. */
    private enum Kind {
        DEADLINE(DeadlineException.class),
        DISCONNECTED(DisconnectedException.class),
        DATAGRAM_TOO_LONG(DatagramTooLongException.class),
        PROTOCOL(ProtocolException.class),
        /** Any other. */
        HANDLERS(Throwable.class);

        private final Class<? extends Throwable> type;

        Kind(Class<? extends Throwable> type) {
            this.type = type;
        }

        static Kind of(Throwable thrown) {
            return Stream.of(values())
                    .filter(kind -> kind.type.isInstance(thrown))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Writes a failure and its causes, the innermost first, in the order of their construction; null for none. */
    public static void write(DataOutputStream output, @Nullable Throwable thrown) throws IOException {
        List<Throwable> chain = thrown == null ? List.of() : chain(unwrapped(thrown));
        output.writeByte(chain.size());
        for (int i = chain.size() - 1; i >= 0; i--) {
            Throwable failure = chain.get(i);
            write(output, failure, i == 0 ? Kind.of(failure) : Kind.HANDLERS);
        }
    }

    private static Throwable unwrapped(Throwable thrown) {
        Throwable cause = thrown instanceof UncheckedIOException ? Thrown.cause(thrown) : null;
        return cause instanceof DisconnectedException || cause instanceof DeadlineException ? cause : thrown;
    }

    private static List<Throwable> chain(Throwable failure) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Throwable> chain = new ArrayList<>();
        Throwable next = failure;
        while (next != null && chain.size() <= MAX_CAUSES && seen.add(next)) {
            chain.add(next);
            next = Thrown.cause(next);
        }
        return chain;
    }

    private static void write(DataOutputStream output, Throwable failure, Kind kind) throws IOException {
        output.writeByte(kind.ordinal());
        writeText(output, Thrown.className(failure), MAX_NAME);
        writeText(output, kind == Kind.HANDLERS ? Thrown.text(failure) : Thrown.message(failure), MAX_TEXT);
        if (kind == Kind.DEADLINE) {
            output.writeByte(((DeadlineException) failure).deadline().ordinal());
        } else if (kind == Kind.DATAGRAM_TOO_LONG) {
            output.writeInt(((DatagramTooLongException) failure).size());
            output.writeInt(((DatagramTooLongException) failure).limit());
        }
        writeStack(output, Thrown.trace(failure), MAX_FRAMES);
    }

    /** Reads a failure; returns null for none. */
    public static @Nullable Exception read(DataInputStream input) throws IOException {
        int count = input.readUnsignedByte();
        if (count > MAX_CAUSES + 1) {
            throw new ProtocolException("a failure has " + (count - 1) + " causes; it must have at most " + MAX_CAUSES);
        }
        Exception failure = null;
        for (int i = 0; i < count; i++) {
            failure = read(input, failure);
        }
        return failure;
    }

    private static Exception read(DataInputStream input, @Nullable Exception cause) throws IOException {
        Kind kind = Messages.value("kind of a failure", Kind.values(), input);
        String className = input.readUTF();
        String text = input.readUTF();
        Exception failure = switch (kind) {
            case DEADLINE -> {
                Deadline deadline = Messages.value("deadline of a failure", Deadline.values(), input);
                yield caused(new DeadlineException(deadline, text), cause);
            }
            case DISCONNECTED -> new DisconnectedException(text, cause);
            case DATAGRAM_TOO_LONG -> caused(new DatagramTooLongException(input.readInt(), input.readInt()), cause);
            case PROTOCOL -> caused(new ProtocolException(text), cause);
            case HANDLERS -> new HandlerException(className, text, cause);
        };
        failure.setStackTrace(readStack(input, MAX_FRAMES));
        return failure;
    }

    private static Exception caused(Exception failure, @Nullable Exception cause) {
        if (cause != null) {
            failure.initCause(cause);
        }
        return failure;
    }

    /** Writes the innermost frames of a stack: class, method, file and line of each. */
    static void writeStack(DataOutputStream output, StackTraceElement[] stack, int most) throws IOException {
        int count = Math.min(stack.length, most);
        output.writeByte(count);
        for (int i = 0; i < count; i++) {
            StackTraceElement frame = stack[i];
            String file = frame.getFileName();
            writeText(output, frame.getClassName(), MAX_NAME);
            writeText(output, frame.getMethodName(), MAX_NAME);
            // No file has an empty name, so that stands for an unknown one.
            writeText(output, file != null ? file : "", MAX_NAME);
            output.writeInt(frame.getLineNumber());
        }
    }

    static StackTraceElement[] readStack(DataInputStream input, int most) throws IOException {
        int count = input.readUnsignedByte();
        if (count > most) {
            throw new ProtocolException("a stack has " + count + " frames; it must have at most " + most);
        }
        StackTraceElement[] stack = new StackTraceElement[count];
        for (int i = 0; i < count; i++) {
            String type = input.readUTF();
            String method = input.readUTF();
            String file = input.readUTF();
            stack[i] = new StackTraceElement(type, method, file.isEmpty() ? null : file, input.readInt());
        }
        return stack;
    }

    /** Writes a text, or the beginning of one that is too long with a mark that says how long it was. */
    private static void writeText(DataOutputStream output, String text, int most) throws IOException {
        if (text.length() <= most) {
            output.writeUTF(text);
            return;
        }
        String mark = "... (cut, of " + text.length() + " characters)";
        int end = most - mark.length();
        output.writeUTF(text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + mark);
    }
}
