package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script examples/run in a temporary source tree, with fakes of mvn and java. */
@Timeout(60)
class RunScriptTest {
    @TempDir
    private Path root;

    @BeforeEach
    void makeTree() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")));
        Path examples = Files.createDirectory(root.resolve("examples"));
        Files.copy(Path.of("run"), examples.resolve("run"));
        Files.writeString(root.resolve("pom.xml"), "");
        Files.createDirectory(root.resolve("bin"));
        script("java", "echo java \"$@\"");
    }

    private void script(String name, String body) throws IOException {
        Path file = Files.writeString(root.resolve("bin").resolve(name), "#!/bin/bash\n" + body + "\n");
        assertTrue(file.toFile().setExecutable(true));
    }

    private Process run(String... args) throws IOException {
        var builder =
                new ProcessBuilder("/bin/bash", root.resolve("examples/run").toString());
        builder.command().addAll(java.util.List.of(args));
        builder.environment().put("PATH", root.resolve("bin") + File.pathSeparator + System.getenv("PATH"));
        builder.environment().put("JAVA_HOME", root.toString());
        return builder.start();
    }

    private static String rest(BufferedReader reader) throws IOException {
        StringBuilder rest = new StringBuilder();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            rest.append(line).append('\n');
        }
        return rest.toString();
    }

    @Test
    void theFirstBuildPrintsItsProgressAndItsLogFile() throws Exception {
        script("mvn", """
                echo '[INFO] Building socketserver: api 1'
                echo '[INFO] Downloaded from central: https://a.test/a.jar'
                until [[ -f go ]]; do sleep 0.1; done
                mkdir -p examples/target/lib
                touch examples/target/examples.jar""");
        Process run = run("serve");
        try (BufferedReader errors = run.errorReader(StandardCharsets.UTF_8)) {
            Path log = root.toRealPath().resolve("examples/target/run.log");
            assertEquals("examples/run: not built yet: building with Maven; the log is " + log, errors.readLine());
            assertEquals("examples/run: the first build downloads about 130 MB", errors.readLine());
            for (int line = 0; line < 2; line++) {
                String progress = errors.readLine();
                assertNotNull(progress);
                assertTrue(
                        progress.matches(
                                "examples/run: building, [1-9][0-9]* s, socketserver: api, files downloaded: 1"),
                        progress);
            }
            assertTrue(Files.readString(log).contains("Downloaded from central"));
            Files.createFile(root.resolve("go"));
            assertEquals(0, run.waitFor());
            assertNull(errors.readLine());
        }
        assertEquals(
                "java -XX:+ExitOnOutOfMemoryError -jar " + root.toRealPath().resolve("examples/target/examples.jar")
                        + " serve\n",
                rest(run.inputReader(StandardCharsets.UTF_8)));
    }

    @Test
    void anUpToDateTreeIsNotBuiltAgain() throws Exception {
        script("mvn", "mkdir -p examples/target/lib; touch examples/target/examples.jar");
        assertEquals(0, run().waitFor());
        script("mvn", "exit 1");
        Process second = run();
        assertEquals(0, second.waitFor());
        assertEquals("", rest(second.errorReader(StandardCharsets.UTF_8)));
    }

    @Test
    void aFailedBuildPrintsItsOutputAndExitsWithStatusTwo() throws Exception {
        script("mvn", "echo '[ERROR] broken'; exit 1");
        Process run = run();
        assertEquals(2, run.waitFor());
        String errors = rest(run.errorReader(StandardCharsets.UTF_8));
        assertTrue(errors.contains("[ERROR] broken\nexamples/run: the build failed; "), errors);
        assertEquals("", rest(run.inputReader(StandardCharsets.UTF_8)));
    }
}
