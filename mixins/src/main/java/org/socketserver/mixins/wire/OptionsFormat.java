package org.socketserver.mixins.wire;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Duration;
import org.socketserver.api.Deadline;
import org.socketserver.api.ServerOptions;

/**
 * Writes and reads the options of a server, so that {@code request.server().options()} in a worker returns what it
 * returns in the parent.
 *
 * <p>All options are carried except {@link ServerOptions#limits()}: only the parent admits requests, so a worker has no
 * limits. The values follow each other in a fixed order, without names or a version, as both sides are the same build.
 * There are no lambdas here: each would cost a worker time when it starts.
 */
public final class OptionsFormat {
    private static final int MODE_LENGTH = 9;

    private OptionsFormat() {}

    /**
     * Writes options.
     *
     * @param output where to write
     * @param options the options
     * @throws IllegalArgumentException if the name of the server has more than 65,535 bytes in UTF-8
     * @throws IOException if the output fails
     */
    public static void write(DataOutput output, ServerOptions options) throws IOException {
        WireText.write(output, "the option name", options.name(), WireText.LONGEST);
        output.writeInt(options.backlog());
        output.writeBoolean(options.reuseAddress());
        output.writeBoolean(options.reusePort());
        output.writeBoolean(options.dualStack());
        output.writeBoolean(options.noDelay());
        output.writeBoolean(options.keepAlive());
        output.writeInt(options.receiveBufferSize());
        output.writeInt(options.sendBufferSize());
        output.writeBoolean(options.broadcast());
        output.writeInt(options.maxDatagramSize());
        output.writeBoolean(options.deliverTruncated());
        String mode = PosixFilePermissions.toString(options.socketFileMode());
        WireText.write(output, "the option socketFileMode", mode, MODE_LENGTH);
        writeTime(output, options.acceptTimeout());
        writeTime(output, options.pollInterval());
        output.writeInt(options.ageJitter());
        writeTime(output, options.stuckAfter());
        writeTime(output, options.grace());
        writeTime(output, options.drainDelay());
        for (Deadline deadline : Deadline.values()) {
            writeTime(output, options.deadline(deadline));
        }
    }

    /**
     * Reads options.
     *
     * @param input where to read
     * @return the options, without limits
     * @throws ProtocolException if an option has a value that it can't have
     * @throws java.io.EOFException if the input ends too early
     * @throws IOException if the input fails
     */
    public static ServerOptions read(DataInput input) throws IOException {
        try {
            ServerOptions.Builder builder = ServerOptions.builder()
                    .name(WireText.read(input, "the option name", WireText.LONGEST))
                    .backlog(input.readInt())
                    .reuseAddress(input.readBoolean())
                    .reusePort(input.readBoolean())
                    .dualStack(input.readBoolean())
                    .noDelay(input.readBoolean())
                    .keepAlive(input.readBoolean())
                    .receiveBufferSize(input.readInt())
                    .sendBufferSize(input.readInt())
                    .broadcast(input.readBoolean())
                    .maxDatagramSize(input.readInt())
                    .deliverTruncated(input.readBoolean())
                    .socketFileMode(PosixFilePermissions.fromString(
                            WireText.read(input, "the option socketFileMode", MODE_LENGTH)))
                    .acceptTimeout(readTime(input))
                    .pollInterval(readTime(input))
                    .ageJitter(input.readInt())
                    .stuckAfter(readTime(input))
                    .grace(readTime(input))
                    .drainDelay(readTime(input));
            for (Deadline deadline : Deadline.values()) {
                builder.deadline(deadline, readTime(input));
            }
            return builder.build();
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException wrong) {
            throw new ProtocolException("an option of the server has a wrong value: " + wrong.getMessage());
        }
    }

    private static void writeTime(DataOutput output, Duration time) throws IOException {
        output.writeLong(time.getSeconds());
        output.writeInt(time.getNano());
    }

    private static Duration readTime(DataInput input) throws IOException {
        return Duration.ofSeconds(input.readLong(), input.readInt());
    }
}
