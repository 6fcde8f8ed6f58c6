package org.socketserver.examples.cli;

import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.MixIn;
import org.socketserver.examples.servers.Concurrency;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;
import picocli.CommandLine.Option;

/** The options that say where requests run, and how many at once. */
final class MixInArguments {
    @Option(
            names = "--mixin",
            paramLabel = "NAME",
            defaultValue = "threading",
            converter = Choice.OfMixIn.class,
            completionCandidates = Choice.OfMixIn.class,
            description = {
                "Where requests run:",
                "  none       one after another, on one thread",
                "  threading  a thread for each",
                "  forking    in worker processes",
                "Default: ${DEFAULT-VALUE}"
            })
    @SuppressWarnings("NullAway.Init")
    private Concurrency mixIn;

    @Option(
            names = "--threads",
            paramLabel = "KIND",
            converter = Choice.OfThreads.class,
            completionCandidates = Choice.OfThreads.class,
            description =
                    "With --mixin threading: virtual or platform. Default: virtual on Java 21 and later, else platform")
    private @Nullable ThreadKind threads;

    @Option(
            names = "--max-concurrent",
            paramLabel = "N",
            description = "With --mixin threading: how many requests run at once, at least 1; for the others see "
                    + "--when-full. Default: 10000 on virtual threads, 1000 on platform threads")
    private @Nullable Integer maxConcurrent;

    /**
     * Makes the mix-in.
     *
     * @param forking the options of the one that has most of them
     * @throws IllegalArgumentException if a number is out of bounds, or the options don't go together
     * @throws UnsupportedOperationException if this JVM has no virtual threads and they are asked for
     */
    MixIn mixIn(ForkingArguments forking) {
        if (mixIn != Concurrency.THREADING && (threads != null || maxConcurrent != null)) {
            throw misplaced(threads != null ? "--threads" : "--max-concurrent", Concurrency.THREADING);
        }
        if (mixIn != Concurrency.FORKING) {
            forking.given().ifPresent(option -> {
                throw misplaced(option, Concurrency.FORKING);
            });
        }
        return switch (mixIn) {
            case THREADING -> threading();
            case FORKING -> forking.mixIn();
            case NONE -> mixIn.mixIn();
        };
    }

    private IllegalArgumentException misplaced(String option, Concurrency needed) {
        boolean alike = mixIn == Concurrency.FORKING && option.equals("--max-concurrent");
        return new IllegalArgumentException(option + " has no meaning with --mixin " + mixIn.word()
                + (alike ? ", where it is --max-children" : "; it needs --mixin " + needed.word()));
    }

    private MixIn threading() {
        if (threads == ThreadKind.VIRTUAL && ThreadKind.best() != ThreadKind.VIRTUAL) {
            throw new UnsupportedOperationException("Invalid value for option '--threads': Java "
                    + Runtime.version().feature() + " has no virtual threads; they need Java 21 or later");
        }
        var threading = new ThreadingMixIn(threads == null ? ThreadKind.best() : threads);
        Integer most = maxConcurrent;
        return most == null ? threading : OptionValue.of("--max-concurrent", () -> threading.maxConcurrent(most));
    }
}
