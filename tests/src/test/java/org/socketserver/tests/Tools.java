package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Third-party programs as clients. */
final class Tools {
    private Tools() {}

    /** Skips the test if a program is missing. On CI it must exist. */
    static void require(String program) throws IOException, InterruptedException {
        boolean there = new ProcessBuilder("sh", "-c", "command -v " + program)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
        assertTrue(there || !"true".equals(System.getenv("CI")), program + " must be installed on CI");
        assumeTrue(there, "needs " + program);
    }

    /** Runs a command, which must succeed, and returns its output. */
    static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor() == 0, List.of(command) + " exited with " + process.exitValue() + ": " + output);
        return output;
    }

    /** Runs a Python program with arguments. */
    static String python(String program, String... arguments) throws IOException, InterruptedException {
        require("python3");
        String[] command = new String[arguments.length + 3];
        command[0] = "python3";
        command[1] = "-c";
        command[2] = "import socket, sys, time\n" + program;
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        return run(command);
    }

    /** Runs a line of bash. */
    static String bash(String line) throws IOException, InterruptedException {
        require("bash");
        return run("bash", "-c", line);
    }

    /** Runs a line of bash that uses socat. */
    static String socat(String line) throws IOException, InterruptedException {
        require("socat");
        return bash(line);
    }
}
