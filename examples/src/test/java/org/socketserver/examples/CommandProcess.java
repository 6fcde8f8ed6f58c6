package org.socketserver.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.socketserver.examples.cli.Main;

/** The command line in a separate JVM with the class path of the tests. */
public final class CommandProcess implements AutoCloseable {
    private static final long PATIENCE = 30;
    /** How long the last output of a process may take to arrive, in s. */
    private static final long WRITTEN = 1;

    private static final String END = "end of the output";

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    /** Standard error so far; guarded by its monitor, which is notified of more. */
    private final StringBuilder errors = new StringBuilder();

    private final CompletableFuture<Void> errorsEnded = new CompletableFuture<>();

    private CommandProcess(Process process) {
        this.process = process;
        // Not in a common pool: with few processors, it has too few threads for several processes.
        startReader("output", this::read);
        startReader("errors", this::readErrors);
    }

    private void startReader(String what, Runnable work) {
        Thread reader = new Thread(work, what + " of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    public static CommandProcess start(String... args) throws IOException {
        return startIn(Path.of(System.getProperty("java.io.tmpdir")), args);
    }

    /** Starts the command line with its own folder for temporary files. */
    public static CommandProcess startIn(Path temporary, String... args) throws IOException {
        return new CommandProcess(new ProcessBuilder(command(temporary, args)).start());
    }

    /** Returns the command of a process, for a test that does not read its output. */
    public static List<String> command(String... args) {
        return command(Path.of(System.getProperty("java.io.tmpdir")), args);
    }

    private static List<String> command(Path temporary, String... args) {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.io.tmpdir=" + temporary,
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(args));
        return command;
    }

    /** Returns the address in the line {@code ready TRANSPORT ADDRESS}. */
    public String readyAddress(String transport) throws InterruptedException {
        String line = line();
        assertTrue(line.startsWith("ready " + transport + " "), line);
        return line.substring(("ready " + transport + " ").length());
    }

    public String line() throws InterruptedException {
        String line = lines.poll(PATIENCE, TimeUnit.SECONDS);
        assertNotNull(line, "no line arrived");
        return line;
    }

    /** Waits until the process has ended, and returns all unread lines. */
    public List<String> remainingLines() throws InterruptedException {
        List<String> remaining = new ArrayList<>();
        for (String line = line(); line != END; line = line()) {
            remaining.add(line);
        }
        return remaining;
    }

    public void type(String text) throws IOException {
        process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    public void endInput() throws IOException {
        process.getOutputStream().close();
    }

    public void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    /** Returns whether the process ends within a time. */
    public boolean endsWithin(long millis) throws InterruptedException {
        return process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /** Asserts that the process ends with this exit status. A failure shows its output. */
    public void assertEnds(int status) throws Exception {
        assertEndsWithin(TimeUnit.SECONDS.toMillis(PATIENCE), status);
    }

    /** Asserts that the process ends within a time with this exit status. A failure shows its output. */
    public void assertEndsWithin(long millis, int status) throws Exception {
        assertTrue(endsWithin(millis), () -> "the process has not ended; " + written());
        assertEquals(status, process.exitValue(), this::written);
    }

    /** Returns all errors and unread output, for the message of a failure. */
    private String written() {
        try {
            errorsEnded.get(WRITTEN, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException asFarAsItIs) {
            // The process runs, or one of its child processes has the stream open.
        }
        synchronized (errors) {
            return "errors:\n" + errors + "\nunread output:\n" + String.join("\n", lines);
        }
    }

    /** Waits until the process has ended, and returns its standard error. */
    public String errors() throws Exception {
        errorsEnded.get(PATIENCE, TimeUnit.SECONDS);
        synchronized (errors) {
            return errors.toString();
        }
    }

    /** Waits until standard error contains a text. */
    public void awaitError(String text) throws InterruptedException {
        long began = System.nanoTime();
        synchronized (errors) {
            while (errors.indexOf(text) < 0) {
                long left =
                        TimeUnit.SECONDS.toMillis(PATIENCE) - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
                assertTrue(left > 0, "'" + text + "' did not arrive, but " + errors);
                errors.wait(left);
            }
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void read() {
        try (var reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            reader.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException ended) {
            // The process was killed.
        }
        lines.add(END);
    }

    private void readErrors() {
        try (var reader = new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8)) {
            char[] some = new char[8192];
            for (int count = reader.read(some); count >= 0; count = reader.read(some)) {
                synchronized (errors) {
                    errors.append(some, 0, count);
                    errors.notifyAll();
                }
            }
        } catch (IOException ended) {
            // The process was killed.
        }
        errorsEnded.complete(null);
    }
}
