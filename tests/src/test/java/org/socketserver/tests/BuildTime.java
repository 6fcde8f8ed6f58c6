package org.socketserver.tests;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Prints how long the build took and how much processor time it used, that of all processes it started and waited for included.
 *
 * <p>Not a test: Maven runs it in its own process at the end of phase verify.
 */
final class BuildTime {
    /** Of Maven's process, its own and its children's times; see proc(5). */
    private static final Path STAT = Path.of("/proc/self/stat");

    /** Clock ticks per second in {@link #STAT}: USER_HZ, which is 100 on all of Linux's platforms for Java. */
    private static final int TICKS = 100;

    private static final int UTIME = 11;
    private static final int CSTIME = 14;

    private BuildTime() {}

    /**
     * Prints the times.
     *
     * @param args none
     * @throws IOException if the system's figures can't be read
     */
    public static void main(String[] args) throws IOException {
        Duration wall = Duration.ofMillis(ManagementFactory.getRuntimeMXBean().getUptime());
        System.out.println("build time: " + minutes(wall) + " wall, "
                + (Files.exists(STAT) ? minutes(processor()) : "? ") + " CPU");
    }

    private static Duration processor() throws IOException {
        String stat = Files.readString(STAT);
        // The second field is the program's name, which may hold spaces.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long ticks = 0;
        for (int i = UTIME; i <= CSTIME; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return Duration.ofMillis(ticks * 1_000 / TICKS);
    }

    private static String minutes(Duration time) {
        return String.format(Locale.ROOT, "%d:%02d min", time.toMinutes(), time.toSecondsPart());
    }
}
