package org.socketserver.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Prints the line coverage of each module and fails the build if it is too low.
 *
 * <p>Not a test: Maven runs it in phase verify, on JaCoCo's aggregate report. A module that is missing from the report
 * fails, too, so that a mistake in the build cannot pass for full coverage.
 */
final class CoverageGate {
    private static final String PREFIX = "socketserver-";

    /** Classes that only run on JDKs with foreign functions. */
    private static final Set<String> SINCE_22 = Set.of("KernelCalls", "KernelPackets");

    private CoverageGate() {}

    /**
     * Checks the report.
     *
     * @param args the path of jacoco.csv, the minimum as a fraction of 1, the modules
     * @throws IOException if the report cannot be read
     * @throws IllegalStateException if a module is below the minimum or missing
     */
    public static void main(String[] args) throws IOException {
        List<String> rows = Files.readAllLines(Path.of(args[0]));
        double minimum = Double.parseDouble(args[1]);
        List<String> failures = new ArrayList<>();
        for (String module : Arrays.asList(args).subList(2, args.length)) {
            Lines lines = lines(rows, module);
            System.out.println("coverage " + module + " " + lines);
            if (lines.total() == 0 || lines.covered() < minimum * lines.total()) {
                failures.add(module + " " + lines);
            }
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException(
                    String.format(Locale.ROOT, "coverage under %.1f %%: %s", 100 * minimum, failures));
        }
    }

    private static Lines lines(List<String> rows, String module) {
        List<String> header = List.of(rows.get(0).split(","));
        int group = header.indexOf("GROUP");
        int name = header.indexOf("CLASS");
        int missed = header.indexOf("LINE_MISSED");
        int covered = header.indexOf("LINE_COVERED");
        Lines sum = new Lines(0, 0);
        for (String row : rows.subList(1, rows.size())) {
            String[] cells = row.split(",");
            // The group is "<title of the report>/<name of the module>".
            boolean runs = Runtime.version().feature() >= 22 || !SINCE_22.contains(cells[name]);
            if (runs && cells[group].endsWith("/" + PREFIX + module)) {
                sum = sum.plus(Integer.parseInt(cells[covered]), Integer.parseInt(cells[missed]));
            }
        }
        return sum;
    }

    private record Lines(int covered, int missed) {
        int total() {
            return covered + missed;
        }

        Lines plus(int moreCovered, int moreMissed) {
            return new Lines(covered + moreCovered, missed + moreMissed);
        }

        @Override
        public String toString() {
            double percent = total() == 0 ? 0 : 100.0 * covered / total();
            return String.format(Locale.ROOT, "%.1f %% of lines (%d of %d)", percent, covered, total());
        }
    }
}
