package org.socketserver.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The resource usage of a process and its descendants (proc(5)).
 *
 * @param processorSeconds processor time since their start, including children that have exited
 * @param residentMegabytes resident memory; shared memory counts once per process
 */
record ProcessTree(double processorSeconds, double residentMegabytes) {
    /** USER_HZ, which is 100 regardless of the kernel's own clock. */
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
                // The process exited after it was listed.
            }
        }
        return new ProcessTree(seconds, megabytes);
    }

    /**
     * Returns utime + stime + cutime + cstime. The program's name before them can contain spaces; the last ')' ends it.
     */
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
