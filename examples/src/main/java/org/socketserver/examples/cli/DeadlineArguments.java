package org.socketserver.examples.cli;

import java.time.Duration;
import org.socketserver.api.Deadline;
import org.socketserver.api.ServerOptions;
import picocli.CommandLine.Option;

/** The options that say how long peers and handlers may take: one for each {@link Deadline}. */
final class DeadlineArguments {
    @Option(
            names = "--first-byte-timeout",
            paramLabel = "TIME",
            defaultValue = "0",
            converter = DurationText.class,
            description = "Streams: how long a new connection may say nothing. Default: 0, no limit")
    @SuppressWarnings("NullAway.Init")
    private Duration firstByte;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            defaultValue = "0",
            converter = DurationText.class,
            description = "Streams: how long a connection may be quiet both ways after its first byte. "
                    + "Default: 0, no limit")
    @SuppressWarnings("NullAway.Init")
    private Duration idle;

    @Option(
            names = "--read-timeout",
            paramLabel = "TIME",
            defaultValue = "0",
            converter = DurationText.class,
            description = "Streams: how long one read may wait for the peer. Default: 0, no limit")
    @SuppressWarnings("NullAway.Init")
    private Duration read;

    @Option(
            names = "--write-timeout",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = DurationText.class,
            description = "How long one write may make no progress because the peer takes nothing; 0 is no limit. "
                    + "Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Duration write;

    @Option(
            names = "--request-timeout",
            paramLabel = "TIME",
            defaultValue = "0",
            converter = DurationText.class,
            description = "How long a request may take from its first moment to its last; then it is closed and its "
                    + "handler interrupted. Default: 0, no limit")
    @SuppressWarnings("NullAway.Init")
    private Duration request;

    @Option(
            names = "--max-age",
            paramLabel = "TIME",
            defaultValue = "0",
            converter = DurationText.class,
            description = "Streams: how old a connection may become before it ends, as soon as it is idle. "
                    + "Default: 0, no limit")
    @SuppressWarnings("NullAway.Init")
    private Duration age;

    @Option(
            names = "--age-jitter",
            paramLabel = "PERCENT",
            defaultValue = "10",
            description = "With --max-age: by how much it differs, more or less, from connection to connection, "
                    + "0 to 100. Default: ${DEFAULT-VALUE}")
    private int ageJitter;

    /**
     * Adds these options.
     *
     * @throws IllegalArgumentException if a value is out of bounds
     */
    void applyTo(ServerOptions.Builder options) {
        options.deadline(Deadline.FIRST_BYTE, firstByte)
                .deadline(Deadline.IDLE, idle)
                .deadline(Deadline.READ, read)
                .deadline(Deadline.WRITE, write)
                .deadline(Deadline.REQUEST, request)
                .deadline(Deadline.AGE, age);
        OptionValue.of("--age-jitter", () -> options.ageJitter(ageJitter));
    }
}
