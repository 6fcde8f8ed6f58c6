package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.socketserver.unix.UnixAddress;

/**
 * A {@link StarvingServer} process limited to 160 file descriptors, and its view from outside. The process ends when
 * this is closed.
 */
final class StarvingProcess implements AutoCloseable {
    static final int DESCRIPTORS = 160;

    private static final long PATIENCE_SECONDS = 20;

    private final Process process;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final SocketAddress address;

    /** Starts the server and waits until it is ready. */
    StarvingProcess(Setup setup) throws IOException, InterruptedException {
        String name = switch (setup.transport()) {
            case UNIX -> SocketNames.path().path().orElseThrow().toString();
            case UNIX_ABSTRACT -> SocketNames.abstractName().abstractName().orElseThrow();
            default -> "";
        };
        // A shell sets the hard limit. The JVM raises its soft limit to it at startup, and no further.
        process = new ProcessBuilder(
                        "bash",
                        "-c",
                        "ulimit -n " + DESCRIPTORS + " && exec \"$0\" \"$@\"",
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        // Otherwise JDK 17 sometimes opens cgroup files, and may take the last descriptor.
                        "-XX:-UseContainerSupport",
                        "-Djava.util.logging.SimpleFormatter.format=%4$s %5$s%6$s%n",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StarvingServer.class.getName(),
                        setup.transport().name(),
                        setup.concurrency().name(),
                        name)
                .start();
        boolean ready = false;
        try {
            read("answers", process.getInputStream(), answers::add);
            read("errors", process.getErrorStream(), errors::add);
            String line = answer();
            assertTrue(line.startsWith("ready "), line);
            String where = line.substring(6);
            address = switch (setup.transport()) {
                case UNIX -> UnixDomainSocketAddress.of(where);
                case UNIX_ABSTRACT -> UnixAddress.abstractName(where);
                default -> new InetSocketAddress("127.0.0.1", Integer.parseInt(where));
            };
            ready = true;
        } finally {
            if (!ready) {
                close();
            }
        }
    }

    private void read(String what, InputStream stream, Consumer<String> lines) {
        Thread reader = new Thread(
                () -> {
                    try (var text = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                        text.lines().forEach(lines);
                    } catch (IOException | UncheckedIOException killed) {
                        // The process was killed.
                    }
                },
                what + " of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    private String answer() throws InterruptedException {
        String line = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(line, () -> "no answer from the server's process, log: " + errors);
        return line;
    }

    SocketAddress address() {
        return address;
    }

    /** Makes the process use up its descriptors except the given number. */
    void hold(int spare) throws IOException, InterruptedException {
        command("hold " + spare, "held");
    }

    /** Makes the process release the descriptors it held. */
    void free() throws IOException, InterruptedException {
        command("free", "free");
    }

    private void command(String command, String expected) throws IOException, InterruptedException {
        process.getOutputStream().write((command + '\n').getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        assertEquals(expected, answer());
    }

    void awaitLog() throws InterruptedException {
        long began = System.nanoTime();
        while (errors.isEmpty()) {
            assertTrue(
                    ServingTest.millisSince(began) < PATIENCE_SECONDS * 1_000, "nothing was logged: " + descriptors());
            Thread.sleep(5);
        }
    }

    /** Returns the lines that were logged or otherwise written to standard error. */
    List<String> log() {
        return List.copyOf(errors);
    }

    /** Returns how many descriptors the process has open. */
    int descriptors() {
        String[] open = new File("/proc/" + process.pid() + "/fd").list();
        assertNotNull(open, () -> "the server's process has ended: " + errors);
        return open.length;
    }

    /**
     * Returns the descriptors that the JVM itself has open and never closes, by number: standard streams, jar files,
     * its modules.
     */
    Map<Integer, String> ownedByTheJvm() throws IOException {
        Map<Integer, String> owned = new TreeMap<>();
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/fd"))) {
            for (Path one : open) {
                int number = Integer.parseInt(one.getFileName().toString());
                String target = targetOf(one);
                if (number <= 2 || target.endsWith(".jar") || target.endsWith("/modules")) {
                    owned.put(number, target);
                }
            }
        }
        return owned;
    }

    /**
     * Fails if a descriptor of the JVM was closed or replaced, that is, if other code closed a descriptor it did not
     * own.
     */
    void assertStillOpen(Map<Integer, String> owned) throws IOException {
        Map<Integer, String> now = ownedByTheJvm();
        assertTrue(now.entrySet().containsAll(owned.entrySet()), () -> "expected open: " + owned + ", open: " + now);
    }

    private static String targetOf(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    /** Returns how many child processes are running. */
    long workers() {
        return process.children().filter(ProcessHandle::isAlive).count();
    }

    /** Kills all child processes. */
    void killWorkers() {
        process.children().forEach(ProcessHandle::destroyForcibly);
    }

    /** Returns the CPU time of the process so far. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
