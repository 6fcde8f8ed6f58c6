package org.socketserver.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A running load generator, which is a separate process. Closing kills it. */
final class Load implements AutoCloseable {
    /** Time added to the run time before it is killed: for connecting, and for late answers of an open loop. */
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final BufferedReader output;

    private Load(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Returns the generator's arguments, which {@code load.c} describes. */
    static List<String> arguments(
            Scenario scenario, Mode mode, String place, int connections, double rate, double warmup, double seconds) {
        return List.of(
                "mode=" + mode.name().toLowerCase(Locale.ROOT),
                "transport=" + scenario.transport().word,
                "address=" + place,
                "connections=" + connections,
                "bytes=" + scenario.bytes(),
                "depth=" + scenario.depth(),
                "rate=" + rate,
                "warmup=" + warmup,
                "seconds=" + seconds);
    }

    static Load start(List<String> command, double seconds) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        CompletableFuture.delayedExecutor((long) seconds + PATIENCE_SECONDS, TimeUnit.SECONDS)
                .execute(process::destroyForcibly);
        return new Load(process);
    }

    /**
     * Waits for a line such as {@code begin}.
     *
     * @throws IOException if the generator writes something else or ends
     */
    void await(String expected) throws IOException {
        String line = output.readLine();
        if (!expected.equals(line)) {
            throw new IOException(
                    line == null ? "the generator ended early or was killed because it took too long" : line);
        }
    }

    /** Reads the rest of the output. */
    LoadReport report() throws IOException {
        LoadReport report = new LoadReport();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            report.add(line);
        }
        if (!report.isComplete()) {
            throw new IOException("the generator ended without a report");
        }
        return report;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
