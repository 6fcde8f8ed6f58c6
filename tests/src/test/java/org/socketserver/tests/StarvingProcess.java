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

/** A {@link StarvingServer} that may have 160 descriptors, looked at from outside; ends with this object. */
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
        // The shell's limit is a hard one: the JVM raises itself to it at its start, and no further.
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
                        // Otherwise JDK 17 opens files of the cgroup now and then, and may have the last descriptor.
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
                        // Nothing more to read.
                    }
                },
                what + " of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    private String answer() throws InterruptedException {
        String line = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(line, () -> "no answer from the server's process, but " + errors);
        return line;
    }

    SocketAddress address() {
        return address;
    }

    /** Has the process take all its descriptors but so many. */
    void hold(int spare) throws IOException, InterruptedException {
        command("hold " + spare, "held");
    }

    /** Has the process give back what it held. */
    void free() throws IOException, InterruptedException {
        command("free", "free");
    }

    private void command(String command, String expected) throws IOException, InterruptedException {
        process.getOutputStream().write((command + '\n').getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        assertEquals(expected, answer());
    }

    /** Waits for the first line of the log. */
    void awaitLog() throws InterruptedException {
        long began = System.nanoTime();
        while (errors.isEmpty()) {
            assertTrue(
                    ServingTest.millisSince(began) < PATIENCE_SECONDS * 1_000, "nothing was logged: " + descriptors());
            Thread.sleep(5);
        }
    }

    /** All that was logged or otherwise written to standard error, a line each. */
    List<String> log() {
        return List.copyOf(errors);
    }

    /** Descriptors that the process has open. */
    int descriptors() {
        String[] open = new File("/proc/" + process.pid() + "/fd").list();
        assertNotNull(open, () -> "the server's process has ended: " + errors);
        return open.length;
    }

    /**
     * Returns what the JVM itself has open and never closes, by number: standard input and output, jar files, its modules.
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

    /** Fails if one of these is closed or is something else, because it was closed by code whose it was not. */
    void stillOwns(Map<Integer, String> owned) throws IOException {
        Map<Integer, String> now = ownedByTheJvm();
        assertTrue(now.entrySet().containsAll(owned.entrySet()), () -> "were open: " + owned + ", are open: " + now);
    }

    private static String targetOf(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    /** Processes that it has started and that run. */
    long workers() {
        return process.children().filter(ProcessHandle::isAlive).count();
    }

    /** Kills the processes that it has started. */
    void killWorkers() {
        process.children().forEach(ProcessHandle::destroyForcibly);
    }

    /** Processor time of all threads of the process so far. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
