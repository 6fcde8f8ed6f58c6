package org.socketserver.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A Markdown table. The first column is aligned left, the others right. */
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
     * @throws IllegalArgumentException if the number of cells is not the number of titles
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
