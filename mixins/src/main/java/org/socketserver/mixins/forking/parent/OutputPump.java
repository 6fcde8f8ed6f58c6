package org.socketserver.mixins.forking.parent;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
 * <p>Lines of more than {@value #LONGEST} bytes are broken, so that a flood without an end of line takes no memory.
 * The first lines are held back until {@link #show}, at most {@value #KEPT} of them: when a worker fails to start, its
 * failure contains them.
 */
final class OutputPump extends Thread {
    private static final int LONGEST = 8 * 1024;
    private static final int KEPT = 40;
    private static final String TAB = " ".repeat(8);

    private final InputStream source;
    private final Supplier<PrintStream> target;
    private final String prefix;
    private final Object printing = new Object();
    /** The last lines. Guarded by itself, as is what follows. */
    private final Deque<String> tail = new ArrayDeque<>();

    private final List<String> unprinted = new ArrayList<>();
    private boolean held = true;

    OutputPump(InputStream source, Supplier<PrintStream> target, long pid, String what) {
        super("socketserver worker " + pid + ' ' + what);
        setDaemon(true);
        this.source = source;
        this.target = target;
        prefix = "[" + pid + "] ";
    }

    @Override
    public void run() {
        byte[] line = new byte[LONGEST];
        int length = 0;
        byte[] chunk = new byte[LONGEST];
        try (source) {
            for (int count = source.read(chunk); count >= 0; count = source.read(chunk)) {
                for (int i = 0; i < count; i++) {
                    if (chunk[i] == '\n' || length == LONGEST) {
                        print(line, length);
                        length = 0;
                    }
                    if (chunk[i] != '\n') {
                        line[length++] = chunk[i];
                    }
                }
            }
        } catch (IOException processHasGone) {
            // The same as the end of its output.
        }
        if (length > 0) {
            print(line, length);
        }
    }

    private void print(byte[] line, int length) {
        String text = PlainText.of(
                new String(line, 0, length, charset()).stripTrailing().replace("\t", TAB));
        synchronized (tail) {
            if (tail.size() == KEPT) {
                tail.removeFirst();
            }
            tail.addLast(text);
            unprinted.add(text);
            held &= unprinted.size() < KEPT;
        }
        flush();
    }

    /**
     * Prints the lines that were held back, and all that follow. Does not wait for the target, which may block. Has no
     * effect the second time.
     */
    void show() {
        synchronized (tail) {
            if (!held) {
                return;
            }
            held = false;
            if (unprinted.isEmpty()) {
                return;
            }
        }
        Thread late = new Thread(this::flush, getName());
        late.setDaemon(true);
        late.start();
    }

    private void flush() {
        // One thread at a time, so that lines stay in order. Not within the tail's lock, as printing may block.
        synchronized (printing) {
            taken().forEach(text -> target.get().println(prefix + text));
        }
    }

    private List<String> taken() {
        synchronized (tail) {
            List<String> lines = held ? List.of() : List.copyOf(unprinted);
            if (!held) {
                unprinted.clear();
            }
            return lines;
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
