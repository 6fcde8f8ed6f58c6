package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The output of examples/run generate-completion, in bash. */
class CompletionTest {
    /** Does what bash does when Tab is pressed after the last word, and prints the completions. */
    private static final String TAB = """
            compopt() { :; }
            source "$1"
            shift
            COMP_WORDS=("$@")
            COMP_CWORD=$(($# - 1))
            COMP_LINE="$*"
            $(complete -p "$1" | sed 's/.*-F \\([^ ]*\\).*/\\1/')
            echo "${COMPREPLY[*]}"
            """;

    @TempDir
    private Path folder;

    private Path script = Path.of("");

    @BeforeEach
    void generate() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")));
        var out = new StringWriter();
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(out, true)).execute("generate-completion"));
        script = Files.writeString(folder.resolve("completion"), out.toString());
    }

    private static String bash(String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of("/bin/bash"));
        command.addAll(List.of(args));
        Process bash = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, bash.waitFor(), output);
        return output.strip();
    }

    @Test
    void theScriptIsValid() throws Exception {
        assertEquals("", bash("-n", script.toString()));
    }

    @ParameterizedTest
    @CsvSource({
        "s,serve",
        "serve u,udp unix unix-datagram",
        "serve tcp :0 --handl,--handler",
        "serve tcp :0 --handler _,echo line upper pid sleep fail",
        "serve tcp :0 --mixin _,none threading forking",
        "serve tcp :0 --threads _,virtual platform",
        "serve tcp :0 --hand-over _,auto descriptor relay",
        "serve tcp :0 --when-full _,wait reject answer:",
        "serve tcp :0 --log-requests _,text json",
        "talk unix-,unix-datagram",
        "demo _,udp-echo unix-echo shout console chat chat-tls start-tls fragile"
    })
    void commandsOptionsAndValuesAreCompleted(String typed, String found) throws Exception {
        List<String> args = new ArrayList<>(List.of("-c", TAB, "bash", script.toString(), "examples/run"));
        // An underscore is an empty word.
        Arrays.stream(typed.split(" "))
                .map(word -> word.equals("_") ? "" : word)
                .forEach(args::add);
        assertEquals(found, bash(args.toArray(String[]::new)).replaceAll("\\s+", " "));
    }
}
