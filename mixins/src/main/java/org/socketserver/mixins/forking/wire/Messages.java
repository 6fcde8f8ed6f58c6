package org.socketserver.mixins.forking.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Deadline;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;

/**
 * The contents of messages that are more than bytes or a number; {@link FrameType} lists all messages. Each
 * writes itself and reads itself in the same order. Both sides are the same build, so there are no names and no
 * versions. Whatever the bytes are, a reader returns a message or throws an {@link IOException}.
 */
public final class Messages {
    private Messages() {}

    /**
     * {@link FrameType#START}: the first message to a worker.
     *
     * @param control the socket where its parent waits for it
     * @param secret what it has to send there
     * @param descriptors true if connections are passed as file descriptors
     * @param handlerClass name of the handler's class
     * @param transport name of the server's transport
     * @param server the server; its address is the requested one if it is not bound yet
     * @param options the options, of which only those that matter to a handler are carried
     */
    public record Start(
            Path control,
            long secret,
            boolean descriptors,
            String handlerClass,
            String transport,
            Identity server,
            ServerOptions options) {
        private static final int MAX_NAME = 0xffff;

        public void writeTo(DataOutputStream output) throws IOException {
            output.writeUTF(control.toString());
            output.writeLong(secret);
            output.writeBoolean(descriptors);
            output.writeUTF(handlerClass);
            output.writeUTF(transport);
            server.writeTo(output);
            writeOptions(output, options);
        }

        /**
         * Writes the options that matter to a handler.
         *
         * @throws IllegalArgumentException if the name of the server is too long
         */
        public static void writeOptions(DataOutputStream output, ServerOptions options) throws IOException {
            String name = options.name();
            if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
                throw new IllegalArgumentException("the option name, of " + name.length()
                        + " characters, has more than " + MAX_NAME + " bytes in UTF-8");
            }
            output.writeUTF(name);
            output.writeInt(options.maxDatagramSize());
            output.writeInt(options.ageJitter());
            writeTime(output, options.stuckAfter());
            writeTime(output, options.grace());
            for (Deadline deadline : Deadline.values()) {
                writeTime(output, options.deadline(deadline));
            }
        }

        public static Start read(DataInputStream input) throws IOException {
            try {
                return new Start(
                        Path.of(input.readUTF()),
                        input.readLong(),
                        input.readBoolean(),
                        input.readUTF(),
                        input.readUTF(),
                        Identity.read(input),
                        readOptions(input));
            } catch (InvalidPathException wrong) {
                throw new ProtocolException("the path of a socket: " + wrong.getMessage());
            }
        }

        private static ServerOptions readOptions(DataInputStream input) throws IOException {
            try {
                ServerOptions options = ServerOptions.DEFAULTS
                        .name(input.readUTF())
                        .maxDatagramSize(input.readInt())
                        .ageJitter(input.readInt())
                        .stuckAfter(readTime(input))
                        .grace(readTime(input));
                for (Deadline deadline : Deadline.values()) {
                    options = options.deadline(deadline, readTime(input));
                }
                return options;
            } catch (IllegalArgumentException | DateTimeException | ArithmeticException wrong) {
                throw new ProtocolException("an option of the server has a wrong value: " + wrong.getMessage());
            }
        }
    }

    /**
     * {@link FrameType#HELLO}: the first message of a worker on each of its two connections: first the one that it
     * reads, then the one that it writes.
     *
     * @param secret from {@link Start}
     * @param pid its process id
     */
    public record Hello(long secret, long pid) {
        public void writeTo(DataOutputStream output) throws IOException {
            output.writeLong(secret);
            output.writeLong(pid);
        }

        public static Hello read(DataInputStream input) throws IOException {
            return new Hello(input.readLong(), input.readLong());
        }
    }

    /** Name and address of the server. */
    public record Identity(String name, SocketAddress address) {
        public void writeTo(DataOutputStream output) throws IOException {
            output.writeUTF(name);
            PortableValues.write(output, address);
        }

        public static Identity read(DataInputStream input) throws IOException {
            return new Identity(input.readUTF(), readAddress(input));
        }
    }

    /** The kind of a request, and how it is passed to the worker. */
    public enum Kind {
        /** A connection whose file descriptor is passed with the message. */
        DESCRIPTOR,
        /** A connection that the parent reads and writes for the worker. */
        RELAY,
        /** A packet. */
        PACKET
    }

    /**
     * {@link FrameType#REQUEST}: a request for the worker.
     *
     * @param server the server, now that it is bound
     * @param kind what it is, and how it is passed
     * @param stopping true if the server is stopping already
     * @param local the local address
     * @param remote the address of the client
     * @param attributes attributes of the connection, such as the client's credentials
     * @param deadlines deadlines that a hook has set for this connection; zero for no limit
     * @param truncated true if bytes of the packet are missing
     * @param maxReplySize bytes that a reply may have; 0 for connections
     * @param data the packet; empty for connections
     */
    public record Assignment(
            Identity server,
            Kind kind,
            boolean stopping,
            SocketAddress local,
            SocketAddress remote,
            List<Object> attributes,
            Map<Deadline, Duration> deadlines,
            boolean truncated,
            int maxReplySize,
            byte[] data) {
        /** The deadlines that can be set for one connection. */
        public static final List<Deadline> SETTABLE =
                List.of(Deadline.HANDSHAKE, Deadline.FIRST_BYTE, Deadline.IDLE, Deadline.READ, Deadline.WRITE);

        public void writeTo(DataOutputStream output) throws IOException {
            server.writeTo(output);
            output.writeByte(kind.ordinal());
            output.writeBoolean(stopping);
            PortableValues.write(output, local);
            PortableValues.write(output, remote);
            output.writeByte(attributes.size());
            for (Object attribute : attributes) {
                PortableValues.write(output, attribute);
            }
            output.writeByte(deadlines.size());
            for (Map.Entry<Deadline, Duration> entry : deadlines.entrySet()) {
                output.writeByte(SETTABLE.indexOf(entry.getKey()));
                output.writeLong(entry.getValue().toMillis());
            }
            output.writeBoolean(truncated);
            output.writeInt(maxReplySize);
            output.write(data);
        }

        public static Assignment read(DataInputStream input) throws IOException {
            return new Assignment(
                    Identity.read(input),
                    value("kind of a request", Kind.values(), input),
                    input.readBoolean(),
                    readAddress(input),
                    readAddress(input),
                    readAttributes(input),
                    readDeadlines(input),
                    input.readBoolean(),
                    input.readInt(),
                    // readAllBytes() would start with a buffer of 16 KiB.
                    input.readNBytes(input.available()));
        }

        private static List<Object> readAttributes(DataInputStream input) throws IOException {
            List<Object> attributes = new ArrayList<>();
            for (int left = input.readUnsignedByte(); left > 0; left--) {
                attributes.add(PortableValues.read(input));
            }
            return attributes;
        }

        private static Map<Deadline, Duration> readDeadlines(DataInputStream input) throws IOException {
            Map<Deadline, Duration> deadlines = new EnumMap<>(Deadline.class);
            for (int left = input.readUnsignedByte(); left > 0; left--) {
                Deadline deadline = value("deadline of a connection", SETTABLE.toArray(Deadline[]::new), input);
                long millis = input.readLong();
                if (millis < 0) {
                    throw new ProtocolException("a deadline of " + millis + " ms; it must be 0 ms or more");
                }
                deadlines.put(deadline, Duration.ofMillis(millis));
            }
            return deadlines;
        }
    }

    /**
     * {@link FrameType#HEARTBEAT}: the progress of a request.
     *
     * @param waiting true while the handler waits for the client
     * @param bytesIn bytes that it has read
     * @param bytesOut bytes that it has written
     * @param stack the stack of its handler, innermost frame first; at most {@value #DEEPEST} frames
     */
    public record Heartbeat(boolean waiting, long bytesIn, long bytesOut, List<StackTraceElement> stack) {
        private static final int DEEPEST = 64;

        /** No request, or no heartbeat of it yet. */
        public static final Heartbeat NONE = new Heartbeat(false, 0, 0, List.of());

        public void writeTo(DataOutputStream output) throws IOException {
            output.writeBoolean(waiting);
            output.writeLong(bytesIn);
            output.writeLong(bytesOut);
            FailureFormat.writeStack(output, stack.toArray(StackTraceElement[]::new), DEEPEST);
        }

        public static Heartbeat read(DataInputStream input) throws IOException {
            return new Heartbeat(
                    input.readBoolean(),
                    input.readLong(),
                    input.readLong(),
                    Arrays.asList(FailureFormat.readStack(input, DEEPEST)));
        }
    }

    /**
     * {@link FrameType#DONE}: the end of a request.
     *
     * @param outcome how it ended
     * @param thrown true if the handler threw the failure, false if it handled it
     * @param bytesIn bytes that it has read
     * @param bytesOut bytes that it has written
     * @param failure what ended it; null for none
     * @param reply the reply packet, which the parent sends; empty for none
     */
    public record Done(
            RequestOutcome outcome,
            boolean thrown,
            long bytesIn,
            long bytesOut,
            @Nullable Throwable failure,
            byte[] reply) {
        public void writeTo(DataOutputStream output) throws IOException {
            output.writeByte(outcome.ordinal());
            output.writeBoolean(thrown);
            output.writeLong(bytesIn);
            output.writeLong(bytesOut);
            FailureFormat.write(output, failure);
            output.write(reply);
        }

        public static Done read(DataInputStream input) throws IOException {
            return new Done(
                    value("outcome", RequestOutcome.values(), input),
                    input.readBoolean(),
                    input.readLong(),
                    input.readLong(),
                    FailureFormat.read(input),
                    input.readNBytes(input.available()));
        }
    }

    /** Reads one of several values, which is written as its index in one byte. */
    static <T> T value(String what, T[] values, DataInputStream input) throws IOException {
        int index = input.readUnsignedByte();
        if (index >= values.length) {
            throw new ProtocolException(
                    "the " + what + " is " + index + "; it must be from 0 to " + (values.length - 1));
        }
        return values[index];
    }

    private static SocketAddress readAddress(DataInputStream input) throws IOException {
        Object value = PortableValues.read(input);
        if (value instanceof SocketAddress address) {
            return address;
        }
        throw new ProtocolException("a " + value.getClass().getName() + " where an address was expected");
    }

    private static void writeTime(DataOutputStream output, Duration time) throws IOException {
        output.writeLong(time.getSeconds());
        output.writeInt(time.getNano());
    }

    private static Duration readTime(DataInputStream input) throws IOException {
        return Duration.ofSeconds(input.readLong(), input.readInt());
    }
}
