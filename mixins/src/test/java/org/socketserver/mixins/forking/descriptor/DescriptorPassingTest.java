package org.socketserver.mixins.forking.descriptor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DescriptorPassingTest {
    /** Prints the obstacle twice. */
    static final class Ask {
        private Ask() {}

        public static void main(String[] arguments) {
            System.out.println(DescriptorPassing.obstacle().orElse("none"));
            System.out.println(DescriptorPassing.obstacle().orElse("none"));
        }
    }

    @Test
    void thereIsNoObstacleOnLinuxWithJunixsocket() {
        assumeTrue(System.getProperty("os.name").equals("Linux"));
        assertEquals(Optional.empty(), DescriptorPassing.obstacle());
    }

    private static final String OPENS = "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED";

    @Test
    void thereIsNoObstacleInANewProcess() throws Exception {
        assertEquals("none", ask("nothing", OPENS));
    }

    @Test
    void hiddenDescriptorsAreReportedWithTheOptionOfJava() throws Exception {
        assertEquals(
                "the JDK hides the file descriptors of its connections; start java with --add-opens"
                        + " java.base/sun.nio.ch=ALL-UNNAMED",
                ask("nothing"));
    }

    @Test
    void missingJunixsocketIsReported() throws Exception {
        assertEquals("junixsocket (junixsocket-common) is not there", ask("junixsocket"));
    }

    @Test
    void aMissingNativeLibraryIsReported() throws Exception {
        String answer = ask("junixsocket-native");
        assertTrue(answer.startsWith("junixsocket's native library can't be loaded: "), answer);
    }

    @Test
    void aMissingCapabilityIsReported() throws Exception {
        String capability = "CAPABILITY_FILE_DESCRIPTORS";
        assertEquals(
                "junixsocket has no " + capability + " here",
                ask("nothing", "-Dorg.newsclub.net.unix.library.disable." + capability + "=true"));
    }

    /** Returns the obstacle in a JVM whose class path lacks all entries with {@code left} in their names. */
    private static String ask(String left, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of(options));
        command.add("-cp");
        command.add(Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).getFileName().toString().contains(left))
                .collect(Collectors.joining(File.pathSeparator)));
        command.add(Ask.class.getName());
        // junixsocket prints a long text about a library that it cannot load.
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        List<String> lines = output.lines().collect(Collectors.toList());
        assertEquals(2, lines.size(), output);
        assertEquals(lines.get(0), lines.get(1));
        return lines.get(0);
    }
}
