package org.socketserver.mixins.wire;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.socketserver.api.Deadline;
import org.socketserver.api.ServerOptions;

/**
 * Writes and reads the options of a server, so that a worker's handlers see through {@code request.server().options()} what
 * those of the parent would.
 *
 * <p>All options but {@link ServerOptions#limits()}: rules are code of the parent, which alone lets requests in. A worker has
 * no limits. The format is a count, then for each option its name and its value as text, in a fixed order; there is no version,
 * as both sides are the same build.
 */
public final class OptionsFormat {
    private static final int LONGEST_NAME = 64;

    private static final List<Option> ALL = all();

    private OptionsFormat() {}

    /** One option, as text. */
    private record Option(
            String name, Function<ServerOptions, String> asText, BiConsumer<ServerOptions.Builder, String> set) {}

    private static List<Option> all() {
        List<Option> all = new ArrayList<>(List.of(
                new Option("name", ServerOptions::name, ServerOptions.Builder::name),
                number("backlog", ServerOptions::backlog, ServerOptions.Builder::backlog),
                flag("reuseAddress", ServerOptions::reuseAddress, ServerOptions.Builder::reuseAddress),
                flag("reusePort", ServerOptions::reusePort, ServerOptions.Builder::reusePort),
                flag("dualStack", ServerOptions::dualStack, ServerOptions.Builder::dualStack),
                flag("noDelay", ServerOptions::noDelay, ServerOptions.Builder::noDelay),
                flag("keepAlive", ServerOptions::keepAlive, ServerOptions.Builder::keepAlive),
                number("receiveBufferSize", ServerOptions::receiveBufferSize, ServerOptions.Builder::receiveBufferSize),
                number("sendBufferSize", ServerOptions::sendBufferSize, ServerOptions.Builder::sendBufferSize),
                flag("broadcast", ServerOptions::broadcast, ServerOptions.Builder::broadcast),
                number("maxDatagramSize", ServerOptions::maxDatagramSize, ServerOptions.Builder::maxDatagramSize),
                flag("deliverTruncated", ServerOptions::deliverTruncated, ServerOptions.Builder::deliverTruncated),
                new Option(
                        "socketFileMode",
                        options -> PosixFilePermissions.toString(options.socketFileMode()),
                        (builder, text) -> builder.socketFileMode(PosixFilePermissions.fromString(text))),
                time("acceptTimeout", ServerOptions::acceptTimeout, ServerOptions.Builder::acceptTimeout),
                time("pollInterval", ServerOptions::pollInterval, ServerOptions.Builder::pollInterval),
                number("ageJitter", ServerOptions::ageJitter, ServerOptions.Builder::ageJitter),
                time("stuckAfter", ServerOptions::stuckAfter, ServerOptions.Builder::stuckAfter),
                time("grace", ServerOptions::grace, ServerOptions.Builder::grace),
                time("drainDelay", ServerOptions::drainDelay, ServerOptions.Builder::drainDelay),
                time("drainSpread", ServerOptions::drainSpread, ServerOptions.Builder::drainSpread)));
        for (Deadline deadline : Deadline.values()) {
            all.add(time(
                    "deadline " + deadline,
                    options -> options.deadline(deadline),
                    (builder, time) -> builder.deadline(deadline, time)));
        }
        return List.copyOf(all);
    }

    private static Option number(
            String name, Function<ServerOptions, Integer> asked, BiConsumer<ServerOptions.Builder, Integer> set) {
        return new Option(
                name,
                options -> Integer.toString(asked.apply(options)),
                (builder, text) -> set.accept(builder, Integer.parseInt(text)));
    }

    private static Option flag(
            String name, Function<ServerOptions, Boolean> asked, BiConsumer<ServerOptions.Builder, Boolean> set) {
        return new Option(
                name,
                options -> Boolean.toString(asked.apply(options)),
                (builder, text) -> set.accept(builder, flagOf(text)));
    }

    private static boolean flagOf(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("it must be true or false");
        };
    }

    private static Option time(
            String name, Function<ServerOptions, Duration> asked, BiConsumer<ServerOptions.Builder, Duration> set) {
        return new Option(
                name,
                options -> asked.apply(options).toString(),
                (builder, text) -> set.accept(builder, Duration.parse(text)));
    }

    /**
     * Writes options.
     *
     * @param output where to
     * @param options the options
     * @throws IllegalArgumentException if the name of the server has more than 65,535 bytes in UTF-8
     * @throws IOException if the output fails
     */
    public static void write(DataOutput output, ServerOptions options) throws IOException {
        output.writeByte(ALL.size());
        for (Option option : ALL) {
            WireText.write(output, "the name of an option", option.name(), LONGEST_NAME);
            WireText.write(
                    output, "the option " + option.name(), option.asText().apply(options), WireText.LONGEST);
        }
    }

    /**
     * Reads options.
     *
     * @param input where from
     * @return the options; without limits
     * @throws ProtocolException if an option is missing, unknown or in the wrong place, or has a value that it can't have
     * @throws java.io.EOFException if the input ends before
     * @throws IOException if the input fails
     */
    public static ServerOptions read(DataInput input) throws IOException {
        int count = input.readUnsignedByte();
        if (count != ALL.size()) {
            throw new ProtocolException("there are " + count + " options; there must be " + ALL.size());
        }
        ServerOptions.Builder builder = ServerOptions.builder();
        for (Option option : ALL) {
            String name = WireText.read(input, "the name of an option", LONGEST_NAME);
            if (!name.equals(option.name())) {
                throw new ProtocolException("there is an option '" + name + "'; there must be " + option.name());
            }
            set(builder, option, WireText.read(input, "the option " + name, WireText.LONGEST));
        }
        return builder.build();
    }

    private static void set(ServerOptions.Builder builder, Option option, String value) throws ProtocolException {
        try {
            option.set().accept(builder, value);
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException wrong) {
            throw new ProtocolException("the option " + option.name() + " is '" + value + "': " + wrong.getMessage());
        }
    }
}
