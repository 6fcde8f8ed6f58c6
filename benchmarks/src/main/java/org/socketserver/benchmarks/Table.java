package org.socketserver.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A table of Markdown: the first column to the left, all others to the right. */
final class Table {
    private final List<String> lines = new ArrayList<>();
    private final int columns;

    Table(String... titles) {
        columns = titles.length;
        row(titles);
        lines.add("|---|" + String.join("", Collections.nCopies(columns - 1, "---:|")));
    }

    /**
     * Adds a row.
     *
     * @throws IllegalArgumentException if it has not as many cells as there are titles
     */
    void row(String... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns + " columns");
        }
        List<String> safe = new ArrayList<>();
        for (String cell : cells) {
            safe.add(cell.replace("|", "\\|").replaceAll("\\s+", " "));
        }
        lines.add("| " + String.join(" | ", safe) + " |");
    }

    @Override
    public String toString() {
        return String.join("\n", lines) + "\n";
    }
}
