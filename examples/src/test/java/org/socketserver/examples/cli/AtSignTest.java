package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** An argument that begins with @ is text, even if there is a file of arguments with that name. */
class AtSignTest {
    @TempDir
    private Path folder;

    private static final Map<String, String> VALUES = Map.of("TRANSPORT", "unix", "NAME", "shout");

    /** An option or parameter of a command. */
    record Argument(String command, ArgSpec spec) {
        /** Returns a command line with the given text as the value of this argument. */
        List<String> with(String text, boolean attached) {
            List<String> words = new ArrayList<>(List.of(command));
            if (spec instanceof OptionSpec option) {
                words.addAll(
                        attached ? List.of(option.longestName() + "=" + text) : List.of(option.longestName(), text));
            }
            for (PositionalParamSpec parameter : spec.command().positionalParameters()) {
                words.add(parameter.equals(spec) ? text : VALUES.getOrDefault(parameter.paramLabel(), "a"));
            }
            return words;
        }

        @Override
        public String toString() {
            return command + " " + (spec instanceof OptionSpec option ? option.longestName() : spec.paramLabel());
        }
    }

    static Stream<Argument> argumentsWithAValue() {
        return Main.commandLine().getSubcommands().entrySet().stream().flatMap(command -> {
            CommandSpec spec = command.getValue().getCommandSpec();
            return Stream.concat(spec.options().stream(), spec.positionalParameters().stream())
                    .filter(argument -> argument.arity().max() > 0)
                    .map(argument -> new Argument(command.getKey(), argument));
        });
    }

    @Test
    void allCommandsWithValuesAreTested() {
        assertTrue(argumentsWithAValue().count() > 40);
        assertEquals(
                List.of("demo", "help", "serve", "talk"),
                argumentsWithAValue().map(Argument::command).distinct().sorted().toList());
    }

    @ParameterizedTest
    @MethodSource("argumentsWithAValue")
    void anArgumentIsNeverAFileOfArguments(Argument argument) throws Exception {
        Path file = Files.writeString(folder.resolve("arguments"), "from-the-file\n");
        String text = "@" + file;
        for (boolean attached : new boolean[] {false, true}) {
            List<String> words = argument.with(text, attached);
            try {
                ParseResult parsed = Main.commandLine()
                        .parseArgs(words.toArray(String[]::new))
                        .subcommand();
                assertTrue(
                        parsed.matchedArgs().stream()
                                .anyMatch(arg -> arg.originalStringValues().contains(text)),
                        words.toString());
            } catch (ParameterException notOfThatType) {
                assertTrue(String.valueOf(notOfThatType.getMessage()).contains(text), notOfThatType.getMessage());
            }
        }
    }

    @Test
    void aCommandIsNeverAFileOfArguments() throws Exception {
        Path file = Files.writeString(folder.resolve("arguments"), "serve tcp 127.0.0.1:0 --handler nonsense\n");
        var err = new StringWriter();
        CommandLine all = Main.commandLine().setErr(new PrintWriter(err, true));
        assertEquals(2, all.execute("@" + file));
        assertTrue(err.toString().contains("unknown command '@" + file + "'"), err.toString());
    }
}
