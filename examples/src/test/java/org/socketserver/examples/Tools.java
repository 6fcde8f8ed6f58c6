package org.socketserver.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Other programs as clients. */
public final class Tools {
    private Tools() {}

    /** Skips the test if a program is missing. On CI it must exist. */
    public static void require(String program) throws IOException, InterruptedException {
        boolean there = new ProcessBuilder("sh", "-c", "command -v " + program)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
        assertTrue(there || !"true".equals(System.getenv("CI")), program + " must be installed on CI");
        assumeTrue(there, "needs " + program);
    }

    /** Runs a line of bash, which must succeed, and returns its output and errors. */
    public static String bash(String line, String... args) throws IOException, InterruptedException {
        require("bash");
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", line, "bash");
        builder.command().addAll(List.of(args));
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }
}
