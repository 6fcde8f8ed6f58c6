package org.socketserver.mixins.forking.parent;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.socketserver.mixins.forking.wire.ControlChannel;

/** The process of a worker: its standard input for commands, its output and its exit. */
final class WorkerProcess {
    /** How long to wait for the last output. */
    private static final long PRINTED_MILLIS = 500;

    private final Process process;
    private final ControlChannel commands;
    private final OutputPump output;
    private final OutputPump errors;

    private WorkerProcess(Process process) {
        this.process = process;
        commands = new ControlChannel(InputStream.nullInputStream(), process.getOutputStream());
        output = new OutputPump(process.getInputStream(), () -> System.out, process.pid(), "output");
        errors = new OutputPump(process.getErrorStream(), () -> System.err, process.pid(), "errors");
    }

    /** Starts a process; its threads copy what it prints. */
    static WorkerProcess start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).start();
        try {
            WorkerProcess started = new WorkerProcess(process);
            started.output.start();
            started.errors.start();
            return started;
        } catch (RuntimeException | Error noThread) {
            // Nothing else would end it.
            process.destroyForcibly();
            throw noThread;
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Returns the channel for commands; closing it asks the process to exit. */
    ControlChannel commands() {
        return commands;
    }

    /** Kills the process (SIGKILL). */
    void kill() {
        process.destroyForcibly();
    }

    /**
     * Waits until the process exits, and kills it after the given time; returns its exit status. Drops interrupts of
     * the calling thread, the monitor of the worker: only a hook can have sent them.
     */
    int awaitExit(Duration patience) {
        while (true) {
            try {
                if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                    kill();
                }
                return process.waitFor();
            } catch (InterruptedException waitOn) {
                // The time begins again.
            }
        }
    }

    /** Prints the output that was held back, and all later output. */
    void showOutput() {
        output.show();
        errors.show();
    }

    /** Returns the last output of a process that has exited. */
    String printed() {
        awaitPrinted();
        return (output.tail() + '\n' + errors.tail()).strip();
    }

    /** Waits for the last output of a process that has exited, unless a child of it continues to print. */
    void awaitPrinted() {
        try {
            output.join(PRINTED_MILLIS);
            errors.join(PRINTED_MILLIS);
        } catch (InterruptedException stopWaiting) {
            Thread.currentThread().interrupt();
        }
    }
}
