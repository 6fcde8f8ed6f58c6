package org.socketserver.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A process and all that it has started, as the kernel counts them (proc(5)).
 *
 * @param processorSeconds time on processors since they began, that of children which have ended included
 * @param residentMegabytes memory that is in RAM; what processes share counts for each of them
 */
record ProcessTree(double processorSeconds, double residentMegabytes) {
    /** USER_HZ, which is 100 whatever the kernel's own clock does. */
    private static final double TICKS = 100;

    private static final int UTIME = 11;
    private static final int CSTIME = 14;

    static ProcessTree of(ProcessHandle process) {
        double seconds = 0;
        double megabytes = 0;
        List<ProcessHandle> all =
                Stream.concat(Stream.of(process), process.descendants()).toList();
        for (ProcessHandle one : all) {
            Path folder = Path.of("/proc", Long.toString(one.pid()));
            try {
                seconds += ticks(Files.readString(folder.resolve("stat"))) / TICKS;
                megabytes += kilobytes(Files.readAllLines(folder.resolve("status"))) / 1024.0;
            } catch (IOException ended) {
                // Between the list and the look.
            }
        }
        return new ProcessTree(seconds, megabytes);
    }

    /** Adds utime, stime, cutime and cstime. The name of the program before them may have spaces, and ends with the last ')'. */
    static long ticks(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        long ticks = 0;
        for (int field = UTIME; field <= CSTIME; field++) {
            ticks += Long.parseLong(fields[field]);
        }
        return ticks;
    }

    private static long kilobytes(List<String> status) {
        return status.stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
