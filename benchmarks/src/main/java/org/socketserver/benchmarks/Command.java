package org.socketserver.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs short external commands. */
final class Command {
    private Command() {}

    /** Returns whether a command exists and exits with status 0. */
    static boolean works(String... command) {
        try {
            output(command);
            return true;
        } catch (IOException missing) {
            return false;
        }
    }

    /**
     * Runs a command and waits until it exits.
     *
     * @return its standard output and standard error, stripped
     * @throws IOException if it cannot be started or fails; the message contains its output
     */
    static String output(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException(
                        String.join(" ", List.of(command)) + " exited with status " + status + ": " + output);
            }
        } catch (InterruptedException stop) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
        return output;
    }
}
