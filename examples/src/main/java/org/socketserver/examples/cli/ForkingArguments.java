package org.socketserver.examples.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.HandOver;
import picocli.CommandLine.Option;

/** The options of worker processes; {@link ForkingMixIn} has their bounds. */
final class ForkingArguments {
    @Option(
            names = "--max-children",
            paramLabel = "N",
            description = "How many requests run at once, each in a worker of its own, at least 1; for the others see "
                    + "--when-full. Default: 40")
    private @Nullable Integer maxChildren;

    @Option(
            names = "--min-idle",
            paramLabel = "N",
            description = "How many workers wait for requests, started ahead; 0 starts one only when a request comes. "
                    + "Default: 2")
    private @Nullable Integer minIdle;

    @Option(
            names = "--requests-per-child",
            paramLabel = "N",
            description = "How many requests a worker may have before another takes its place; 1 is a fresh process "
                    + "for each. Default: 0, any number")
    private @Nullable Integer requestsPerChild;

    @Option(
            names = "--requests-per-child-jitter",
            paramLabel = "N",
            description = "With --requests-per-child: how many fewer it may be, by chance, so that not all workers end "
                    + "at once. Default: 0")
    private @Nullable Integer jitter;

    @Option(
            names = "--worker-idle-timeout",
            paramLabel = "TIME",
            converter = DurationText.class,
            description = "How long workers beyond --min-idle may be idle before they end. At least 1ms. Default: 1m")
    private @Nullable Duration idleTimeout;

    @Option(
            names = "--start-timeout",
            paramLabel = "TIME",
            converter = DurationText.class,
            description = "How long a worker may take until it is ready; then it is killed. At least 1ms. Default: 1m")
    private @Nullable Duration startTimeout;

    @Option(
            names = "--heartbeat-timeout",
            paramLabel = "TIME",
            converter = DurationText.class,
            description = "How long a worker may give no sign of life, as one that is stopped (SIGSTOP); then it is "
                    + "killed. At least 1s. Default: 30s")
    private @Nullable Duration heartbeatTimeout;

    @Option(
            names = "--hand-over",
            paramLabel = "WAY",
            converter = Choice.OfHandOver.class,
            completionCandidates = Choice.OfHandOver.class,
            description = {
                "How connections get to a worker:",
                "  descriptor  it gets the connection itself",
                "  relay       the server reads and writes for it",
                "  auto        descriptor if possible, else relay",
                "Packets always travel as bytes. Default: auto"
            })
    private @Nullable HandOver handOver;

    @Option(
            names = "--worker-option",
            paramLabel = "OPTION",
            description = "An option for the JVM of the workers, such as -Xmx64m or -Dname=value. May be given several "
                    + "times. Default: none")
    private List<String> workerOptions = new ArrayList<>();

    /**
     * Makes the mix-in.
     *
     * @throws IllegalArgumentException if a value is out of bounds
     */
    ForkingMixIn mixIn() {
        if (jitter != null && requestsPerChild == null) {
            throw new IllegalArgumentException(
                    "--requests-per-child-jitter has no meaning without --requests-per-child");
        }
        var forking = new ForkingMixIn();
        set("--max-children", maxChildren, forking::maxChildren);
        set("--min-idle", minIdle, forking::minIdle);
        set("--requests-per-child", requestsPerChild, forking::requestsPerChild);
        set("--requests-per-child-jitter", jitter, forking::requestsPerChildJitter);
        set("--worker-idle-timeout", idleTimeout, forking::idleTimeout);
        set("--start-timeout", startTimeout, forking::startTimeout);
        set("--heartbeat-timeout", heartbeatTimeout, forking::heartbeatTimeout);
        set("--hand-over", handOver, forking::handOver);
        for (String option : workerOptions) {
            set("--worker-option", option, forking::workerOption);
        }
        return forking;
    }

    private static <T> void set(String option, @Nullable T value, Function<T, ForkingMixIn> setter) {
        if (value != null) {
            OptionValue.of(option, () -> setter.apply(value));
        }
    }

    /** Names one of these options that was given, if any was. */
    Optional<String> given() {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("--max-children", maxChildren);
        all.put("--min-idle", minIdle);
        all.put("--requests-per-child", requestsPerChild);
        all.put("--requests-per-child-jitter", jitter);
        all.put("--worker-idle-timeout", idleTimeout);
        all.put("--start-timeout", startTimeout);
        all.put("--heartbeat-timeout", heartbeatTimeout);
        all.put("--hand-over", handOver);
        all.put("--worker-option", workerOptions.isEmpty() ? null : workerOptions);
        all.values().removeIf(Objects::isNull);
        return all.keySet().stream().findFirst();
    }
}
