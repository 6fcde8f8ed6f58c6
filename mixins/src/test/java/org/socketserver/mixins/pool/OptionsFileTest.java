package org.socketserver.mixins.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptionsFileTest {
    @TempDir
    Path folder;

    /** Prints its arguments and a property. */
    static final class Shows {
        private Shows() {}

        public static void main(String[] arguments) {
            System.out.print(System.getProperty("told") + "|" + String.join(",", arguments));
        }
    }

    @Test
    void theLauncherReadsEveryOptionAsItWasAndNobodySeesThem() throws Exception {
        String told = "a \"quoted\" \\ value # with 'all' kinds";
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dtold=" + told,
                "-cp",
                System.getProperty("java.class.path"),
                Shows.class.getName(),
                "tcp 127.0.0.1:80");
        Path path = folder.resolve("a folder's options");
        try (OptionsFile file = OptionsFile.write(path, command, 2)) {
            assertEquals(List.of(command.get(0), "@" + path, command.get(4), command.get(5)), file.command());
            Process process =
                    new ProcessBuilder(file.command()).redirectErrorStream(true).start();
            assertEquals(
                    told + "|tcp 127.0.0.1:80",
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        assertFalse(Files.exists(path));
    }
}
