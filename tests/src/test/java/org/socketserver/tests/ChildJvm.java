package org.socketserver.tests;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Runs a main class in a JVM of its own, for tests that would damage the test JVM. */
final class ChildJvm {
    /** The result. The output includes standard error. */
    record Result(int exit, String output) {}

    private ChildJvm() {}

    /** Runs a main class of the tests with the tests' class path. */
    static Result run(Class<?> main, List<String> options) throws IOException, InterruptedException {
        return run("true", main, options, List.of());
    }

    /** Runs it after a shell command that sets limits. */
    static Result run(String limits, Class<?> main, List<String> options) throws IOException, InterruptedException {
        return run(limits, main, options, List.of());
    }

    /** Runs it with arguments, after a shell command. */
    static Result run(String before, Class<?> main, List<String> options, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", before + " && exec \"$@\"", "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(options);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }

    /** Returns the locations of classes as a path. */
    static String locations(Class<?>... types) {
        return Arrays.stream(types).map(ChildJvm::location).collect(Collectors.joining(File.pathSeparator));
    }

    private static String location(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException never) {
            throw new AssertionError(never);
        }
    }
}
