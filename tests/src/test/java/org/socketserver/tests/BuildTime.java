package org.socketserver.tests;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Prints the wall and CPU time of the build, including all processes it started and waited for.
 *
 * <p>Not a test: Maven runs it in its own process at the end of phase verify.
 */
final class BuildTime {
    /** Times of Maven's process and its children; see proc(5). */
    private static final Path STAT = Path.of("/proc/self/stat");

    /** Clock ticks per second in {@link #STAT}: USER_HZ is 100 on every Linux platform that Java supports. */
    private static final int TICKS = 100;

    private static final int UTIME = 11;
    private static final int CSTIME = 14;

    private BuildTime() {}

    /**
     * Prints the times.
     *
     * @param args none
     * @throws IOException if the times cannot be read
     */
    public static void main(String[] args) throws IOException {
        Duration wall = Duration.ofMillis(ManagementFactory.getRuntimeMXBean().getUptime());
        System.out.println("build time: " + minutes(wall) + " wall, "
                + (Files.exists(STAT) ? minutes(processor()) : "? ") + " CPU");
    }

    private static Duration processor() throws IOException {
        String stat = Files.readString(STAT);
        // The second field, the program's name, may contain spaces.
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
