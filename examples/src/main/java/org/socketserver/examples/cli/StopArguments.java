package org.socketserver.examples.cli;

import java.time.Duration;
import org.socketserver.api.ServerOptions;
import picocli.CommandLine.Option;

/** The options that say how a stop goes, in the order of a stop. */
final class StopArguments {
    @Option(
            names = "--drain-delay",
            paramLabel = "TIME",
            defaultValue = "0",
            converter = DurationText.class,
            description =
                    "How long connections are served as ever after accepting has stopped, before the grace begins. "
                            + "Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Duration drainDelay;

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = DurationText.class,
            description = "How long busy requests may go on before they are cut; 0 cuts at once. "
                    + "Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Duration grace;

    /** Adds these options. */
    void applyTo(ServerOptions.Builder options) {
        options.drainDelay(drainDelay).grace(grace);
    }
}
