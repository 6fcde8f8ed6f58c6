package org.socketserver.mixins.forking.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.mixins.forking.worker.WorkerMain;

class WorkerCommandTest {
    @Test
    void aWorkerRunsTheSameJavaWithTheSameClassPath() {
        List<String> command = WorkerCommand.of("tcp 127.0.0.1:80", false, List.of());
        assertEquals(Path.of(System.getProperty("java.home"), "bin", "java").toString(), command.get(0));
        int path = command.indexOf("-cp");
        assertEquals(
                List.of("-cp", System.getProperty("java.class.path"), WorkerMain.class.getName(), "tcp 127.0.0.1:80"),
                command.subList(path, command.size()),
                "and has the server's name");
    }

    @Test
    void optionsOfTheUserComeLastAndTakePrecedence() {
        List<String> options = List.of("-XX:-ExitOnOutOfMemoryError", "-XX:TieredStopAtLevel=4", "-Da=b c");
        List<String> command = WorkerCommand.of("n", true, options);
        int first = command.indexOf("-XX:-ExitOnOutOfMemoryError");
        assertEquals(options, command.subList(first, first + 3));
        assertEquals("-cp", command.get(first + 3));
        assertTrue(command.indexOf("-XX:+UseSerialGC") < first);
        assertTrue(command.indexOf("-XX:TieredStopAtLevel=1") < first);
        assertTrue(command.indexOf("-XX:+ExitOnOutOfMemoryError") < first);
    }

    @Test
    void optionsOfTheUserDisableConflictingDefaults() {
        assertTrue(WorkerCommand.defaults(List.of(), Map.of()).contains("-XX:+UseSerialGC"));
        assertTrue(WorkerCommand.defaults(List.of(), Map.of()).contains("-XX:MaxNewSize=16m"));
        assertFalse(WorkerCommand.defaults(List.of("-XX:+UseZGC"), Map.of()).contains("-XX:+UseSerialGC"));
        assertFalse(WorkerCommand.defaults(List.of(), Map.of("JAVA_TOOL_OPTIONS", "-Da=b -XX:+UseG1GC"))
                .contains("-XX:+UseSerialGC"));
        for (String option :
                List.of("-Xmx16m", "-Xmn4m", "-XX:NewSize=1m", "-XX:MaxNewSize=2m", "-XX:MaxHeapSize=20m")) {
            assertFalse(WorkerCommand.defaults(List.of(option), Map.of()).contains("-XX:MaxNewSize=16m"), option);
        }
    }

    @Test
    void nativeAccessIsEnabledIfALibraryIsLoadedAndJavaRequiresIt() {
        String announced = "--enable-native-access=ALL-UNNAMED";
        long here = WorkerCommand.of("n", false, List.of()).stream()
                .filter(announced::equals)
                .count();
        long there = WorkerCommand.of("n", true, List.of()).stream()
                .filter(announced::equals)
                .count();
        assertEquals(Runtime.version().feature() >= 22 ? here + 1 : here, there);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Dfile.encoding=UTF-8",
                "-ea",
                "-ea:org.socketserver...",
                "-disableassertions",
                "-Xbootclasspath/a:x.jar",
                "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--enable-preview",
                "--enable-native-access=ALL-UNNAMED"
            })
    void optionsThatAffectTheCodeAreInherited(String option) {
        assertTrue(WorkerCommand.isInherited(option));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Xmx4g",
                "-XX:+UseZGC",
                "-javaagent:x.jar",
                "-agentlib:jdwp=transport=dt_socket,address=5005",
                "-Xlog:gc:file=gc.log",
                "-XX:StartFlightRecording",
                "-Dcom.sun.management.jmxremote.port=9999",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"
            })
    void optionsForOneProcessAreNotInherited(String option) {
        assertFalse(WorkerCommand.isInherited(option));
    }

    @Test
    void theCommandLineHasNoSecret() {
        // It is the same for all workers, so it has neither the path of the control socket nor the secret.
        assertEquals(WorkerCommand.of("n", true, List.of()), WorkerCommand.of("n", true, List.of()));
    }

    @TempDir
    Path folder;

    /** Prints its arguments and a property. */
    static final class Shows {
        private Shows() {}

        public static void main(String[] arguments) {
            System.out.print(System.getProperty("shown") + "|" + String.join(",", arguments));
        }
    }

    @Test
    void hiddenOptionsAreReadByTheLauncherAndNotOnTheCommandLine() throws Exception {
        String value = "a \"quoted\" \\ value # with 'all' kinds";
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dshown=" + value,
                "-cp",
                System.getProperty("java.class.path"),
                Shows.class.getName(),
                "tcp 127.0.0.1:80");
        Path path = folder.resolve("a folder's options");
        List<String> hidden = WorkerCommand.hideOptions(command, path);
        assertEquals(List.of(command.get(0), "@" + path, command.get(4), command.get(5)), hidden);
        Process process = new ProcessBuilder(hidden).redirectErrorStream(true).start();
        assertEquals(
                value + "|tcp 127.0.0.1:80",
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }
}
