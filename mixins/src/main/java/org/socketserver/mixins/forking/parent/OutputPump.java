package org.socketserver.mixins.forking.parent;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.socketserver.api.internal.PlainText;

/**
 * Copies what a worker prints to the same stream of this process, each line with the worker's process id before it.
 * Tabs become spaces and other control characters are escaped, so that a worker can neither forge a line nor steer a
 * terminal.
 *
 * <p>If that stream blocks, so does the pump, and then a worker that prints more than its pipe holds. Closing the
 * server does not wait for them.
 *
 * <p>Lines of more than {@value #MAX_LENGTH} characters are broken, so that a flood without an end of line takes no
 * memory. The first lines are held back until {@link #show}, at most {@value #KEPT} of them: when a worker fails to
 * start, its failure contains them.
 */
final class OutputPump extends Thread {
    private static final int MAX_LENGTH = 8 * 1024;
    private static final int KEPT = 40;
    private static final String TAB = " ".repeat(8);

    private final InputStream source;
    private final Supplier<PrintStream> target;
    private final String prefix;
    /** The last lines. Guarded by itself. */
    private final Deque<String> tail = new ArrayDeque<>();

    private final Queue<String> unprinted = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean held = new AtomicBoolean(true);

    OutputPump(InputStream source, Supplier<PrintStream> target, long pid, String what) {
        super("socketserver worker " + pid + ' ' + what);
        setDaemon(true);
        this.source = source;
        this.target = target;
        prefix = "[" + pid + "] ";
    }

    @Override
    public void run() {
        StringBuilder line = new StringBuilder();
        try (Reader reader = new BufferedReader(new InputStreamReader(source, charset()))) {
            for (int next = reader.read(); next >= 0; next = reader.read()) {
                if (next == '\n' || line.length() == MAX_LENGTH) {
                    print(line);
                }
                if (next != '\n') {
                    line.append((char) next);
                }
            }
        } catch (IOException processHasGone) {
            // The same as the end of its output.
        }
        if (line.length() > 0) {
            print(line);
        }
    }

    private void print(StringBuilder line) {
        String text = PlainText.of(line.toString().stripTrailing().replace("\t", TAB));
        line.setLength(0);
        synchronized (tail) {
            if (tail.size() == KEPT) {
                tail.removeFirst();
            }
            tail.addLast(text);
        }
        unprinted.add(text);
        if (held.get() && unprinted.size() == KEPT) {
            held.set(false);
        }
        flush();
    }

    /**
     * Prints the lines that were held back, and all that follow. Does not wait for the target, which may block. Has no
     * effect the second time.
     */
    void show() {
        if (held.compareAndSet(true, false) && !unprinted.isEmpty()) {
            WorkerPool.daemon(this::flush, getName()).start();
        }
    }

    /** Prints what is not held back; one thread at a time, so that lines stay in order. */
    private void flush() {
        synchronized (unprinted) {
            while (!held.get() && !unprinted.isEmpty()) {
                target.get().println(prefix + unprinted.remove());
            }
        }
    }

    /** Returns the default encoding of a JVM's output. */
    private static Charset charset() {
        String name = System.getProperty("native.encoding", "UTF-8");
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    }

    /** Returns the last lines. */
    String tail() {
        synchronized (tail) {
            return String.join("\n", tail);
        }
    }
}
