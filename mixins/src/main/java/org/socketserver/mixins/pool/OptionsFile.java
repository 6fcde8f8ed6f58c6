package org.socketserver.mixins.pool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Hides the options of a worker from those who list processes: they stand in a file in the private folder, which the
 * java launcher reads (its {@code @argfiles}), and which is there only until the worker is ready.
 */
final class OptionsFile implements Closeable {
    private final Path path;
    private final List<String> command;

    private OptionsFile(Path path, List<String> command) {
        this.path = path;
        this.command = command;
    }

    /**
     * Writes the options of a command down.
     *
     * @param path where to
     * @param command the program, its options, and last what shall be seen
     * @param visible how many of the last words that are
     */
    static OptionsFile write(Path path, List<String> command, int visible) throws IOException {
        int end = command.size() - visible;
        Files.writeString(
                path, command.subList(1, end).stream().map(OptionsFile::quoted).collect(Collectors.joining("\n")));
        List<String> shown = new ArrayList<>(List.of(command.get(0), "@" + path));
        shown.addAll(command.subList(end, command.size()));
        return new OptionsFile(path, shown);
    }

    /** Inside of quotes only the backslash and the quote mean something else, and so do ends of lines. */
    private static String quoted(String option) {
        return '"'
                + option.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                + '"';
    }

    /** The command with the file in the place of the options. */
    List<String> command() {
        return command;
    }

    /** Removes the file. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }
}
