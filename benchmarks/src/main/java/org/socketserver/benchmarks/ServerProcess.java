package org.socketserver.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The process of a contender. Closing stops the process and its descendants: first with SIGTERM, after 2 s with
 * SIGKILL.
 *
 * <p>The server's first line is its address: {@code port N} or {@code path P}. Its standard error goes to a log, whose
 * last line is reported if the server fails.
 */
final class ServerProcess implements AutoCloseable {
    private static final long START_SECONDS = 30;
    private static final long STOP_SECONDS = 20;

    private final Process process;
    private final Path log;
    private final CompletableFuture<String> firstLine = new CompletableFuture<>();
    private String place = "";

    private ServerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a server and waits until it accepts connections.
     *
     * @param log file for its standard error; overwritten
     * @throws IOException if it exits, or does not write its address within 30 s
     */
    static ServerProcess start(List<String> command, Path log) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        ServerProcess server = new ServerProcess(process, log);
        Thread reader = new Thread(server::readOutput, "output of " + process.pid());
        reader.setDaemon(true);
        reader.start();
        try {
            server.awaitPlace();
        } catch (IOException | InterruptedException failed) {
            server.close();
            throw failed;
        }
        return server;
    }

    private void awaitPlace() throws IOException, InterruptedException {
        try {
            String line = firstLine.get(START_SECONDS, TimeUnit.SECONDS);
            if (!line.startsWith("port ") && !line.startsWith("path ")) {
                throw new IOException("the server did not start: " + reason());
            }
            place = line.substring("port ".length());
        } catch (ExecutionException impossible) {
            throw new IOException(impossible);
        } catch (TimeoutException silent) {
            throw new IOException("no address from the server for " + START_SECONDS + " s: " + reason(), silent);
        }
    }

    private void readOutput() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                firstLine.complete(line);
            }
        } catch (IOException ended) {
            // Same as the end of the output.
        }
        firstLine.complete("");
    }

    /** Returns the port or the path, which is the generator's {@code address}. */
    String place() {
        return place;
    }

    SocketAddress address(Transport transport) {
        return transport.isUnix()
                ? UnixDomainSocketAddress.of(place)
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(place));
    }

    long pid() {
        return process.pid();
    }

    ProcessTree usage() {
        return ProcessTree.of(process.toHandle());
    }

    /** Waits until the server has at least {@code count} descriptors, so that it has accepted all connections. */
    void awaitDescriptors(int count) throws IOException, InterruptedException {
        long began = System.nanoTime();
        while (descriptors() < count) {
            if (!process.isAlive()) {
                throw new IOException("the server exited: " + reason());
            }
            if (System.nanoTime() - began > TimeUnit.SECONDS.toNanos(START_SECONDS)) {
                throw new IOException("the server accepted fewer than " + count + " connections: " + reason());
            }
            Thread.sleep(50);
        }
    }

    private long descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            return all.count();
        }
    }

    /** Returns the state of the server and its last error line. Waits up to 500 ms for a server that is exiting. */
    String reason() throws InterruptedException {
        boolean dead = process.waitFor(500, TimeUnit.MILLISECONDS);
        String status = dead ? "exit status " + process.exitValue() : "still running";
        try {
            List<String> lines = Files.readAllLines(log).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("\tat "))
                    .toList();
            return lines.isEmpty()
                    ? status
                    : status + ", " + lines.get(lines.size() - 1).strip();
        } catch (IOException unreadable) {
            return status;
        }
    }

    /**
     * Sends SIGTERM and waits for the exit.
     *
     * @return the time until the exit, in ms
     * @throws IOException if it does not exit within 20 s; it is killed then
     */
    double stop() throws IOException, InterruptedException {
        List<ProcessHandle> children = process.descendants().toList();
        long began = System.nanoTime();
        process.destroy();
        boolean ended = process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
        double millis = (System.nanoTime() - began) / 1e6;
        process.destroyForcibly().waitFor();
        children.forEach(ProcessHandle::destroyForcibly);
        if (!ended) {
            throw new IOException("the server did not exit within " + STOP_SECONDS + " s");
        }
        return millis;
    }

    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            process.waitFor(2, TimeUnit.SECONDS);
            process.destroyForcibly().waitFor();
        } catch (InterruptedException stop) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
