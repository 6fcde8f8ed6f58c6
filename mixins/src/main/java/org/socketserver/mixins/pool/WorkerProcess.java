package org.socketserver.mixins.pool;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.PipeLink;

/** The process of a worker: its standard input for orders, its output, its end. */
final class WorkerProcess {
    /** How long what was printed last may take to arrive. */
    private static final long PRINTED_MILLIS = 500;

    private final Process process;
    private final ControlChannel orders;
    private final OutputPump output;
    private final OutputPump errors;

    private WorkerProcess(Process process) {
        this.process = process;
        orders = new ControlChannel(PipeLink.of(process.getOutputStream()));
        output = new OutputPump(process.getInputStream(), () -> System.out, process.pid(), "output");
        errors = new OutputPump(process.getErrorStream(), () -> System.err, process.pid(), "errors");
    }

    /** Starts a process; its threads copy what it prints. */
    static WorkerProcess start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectInput(Redirect.PIPE)
                .redirectOutput(Redirect.PIPE)
                .redirectError(Redirect.PIPE)
                .start();
        boolean copied = false;
        try {
            WorkerProcess started = new WorkerProcess(process);
            started.output.start();
            started.errors.start();
            copied = true;
            return started;
        } finally {
            if (!copied) {
                // For want of threads or memory: nobody else would end it.
                process.destroyForcibly();
            }
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Sends orders; closing it asks the process to end. */
    ControlChannel orders() {
        return orders;
    }

    void onExit(Runnable action) {
        process.onExit().thenRun(action);
    }

    /** Ends the process at once; it can't refuse (SIGKILL). */
    void kill() {
        process.destroyForcibly();
    }

    /** Waits for the end of the process, and ends it if it takes longer than that; gives its exit status. */
    int awaitExit(Duration patience) {
        boolean interrupted = false;
        long began = System.nanoTime();
        try {
            while (true) {
                try {
                    long left = patience.toNanos() - (System.nanoTime() - began);
                    if (left <= 0) {
                        kill();
                        return process.waitFor();
                    }
                    if (process.waitFor(left, TimeUnit.NANOSECONDS)) {
                        return process.exitValue();
                    }
                } catch (InterruptedException waitOn) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Prints the output that was held back so far, and all that follows. */
    void showOutput() {
        output.show();
        errors.show();
    }

    /** What a process that has ended printed last. */
    String printed() {
        awaitPrinted();
        return (output.tail() + '\n' + errors.tail()).strip();
    }

    /** Waits for what a process that has ended printed last, unless a process of its own goes on printing. */
    void awaitPrinted() {
        try {
            output.join(PRINTED_MILLIS);
            errors.join(PRINTED_MILLIS);
        } catch (InterruptedException asFarAsItIs) {
            Thread.currentThread().interrupt();
        }
    }
}
