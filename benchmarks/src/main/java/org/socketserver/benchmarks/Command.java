package org.socketserver.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Short commands whose output is wanted. */
final class Command {
    private Command() {}

    /** Tells whether a command is there and ends well. */
    static boolean works(String... command) {
        try {
            output(command);
            return true;
        } catch (IOException missing) {
            return false;
        }
    }

    /**
     * Runs a command to its end.
     *
     * @return what it wrote, its errors included, without white space around it
     * @throws IOException if it can't be run or fails; the message has what it wrote
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
                throw new IOException(String.join(" ", List.of(command)) + " gave status " + status + ": " + output);
            }
        } catch (InterruptedException stop) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
        return output;
    }
}
