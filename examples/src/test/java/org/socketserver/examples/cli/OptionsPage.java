package org.socketserver.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The parsed page docs/options.md. */
record OptionsPage(String text, List<Row> rows) {
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern COMMAND_LINE = Pattern.compile("`(--[a-z-]+)`");

    /** A row of the table. */
    record Row(String option, String owner, String unit, String defaultValue, String bounds, String commandLine) {
        String name() {
            return owner + "." + option;
        }

        /** Returns the default in code: the first word in backticks, or {@code empty}. */
        String defaultCode() {
            Matcher code = CODE.matcher(defaultValue);
            return defaultValue.startsWith("empty") || !code.find()
                    ? defaultValue.split(",")[0]
                    : code.group(1);
        }

        @Override
        public String toString() {
            return name();
        }
    }

    static OptionsPage read() {
        try {
            String text = Files.readString(Path.of("..", "docs", "options.md"));
            List<Row> rows = new ArrayList<>();
            text.lines()
                    .map(line -> line.split(" ?\\| ?", -1))
                    .filter(cells -> cells.length == 9 && cells[1].startsWith("`"))
                    .forEach(cells ->
                            rows.add(new Row(code(cells[1]), code(cells[2]), cells[3], cells[4], cells[5], cells[7])));
            return new OptionsPage(text, rows);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private static String code(String cell) {
        return cell.replace("`", "");
    }

    /** Returns all options of the command line on the page. */
    Set<String> commandLineOptions() {
        Set<String> named = new TreeSet<>();
        COMMAND_LINE.matcher(text).results().forEach(found -> named.add(found.group(1)));
        return named;
    }
}
