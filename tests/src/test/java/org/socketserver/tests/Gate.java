package org.socketserver.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a latch is between threads, between processes: a file, which is there once the gate is open. Its name, as {@link
 * #toString()} gives it, can be told to a handler over the wire.
 */
final class Gate implements AutoCloseable {
    private final Path file = SocketNames.path().path().orElseThrow();

    /** Lets all through who wait and who come; without effect the second time. */
    void open() throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
    }

    static boolean isOpen(String name) {
        return Files.exists(Path.of(name));
    }

    /** Waits as a handler does that waits for anything but its peer. */
    static void await(String name) throws InterruptedException {
        while (!isOpen(name)) {
            Thread.sleep(2);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }

    /** Holds nobody back any more. */
    @Override
    public void close() throws IOException {
        open();
    }
}
