package org.socketserver.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;

/**
 * A latch between processes: a folder that exists until the gate opens. Each waiter creates a file in it, so that the
 * test can count waiters. A test sends its name, {@link #toString()}, to the handler over the wire.
 */
final class Gate {
    private final Path folder;

    Gate() {
        try {
            folder = Files.createTempDirectory("gate");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Opens the gate for current and later waiters and deletes its files. Has no effect the second time. */
    void open() throws IOException {
        while (Files.exists(folder)) {
            for (Path waiter : waiters()) {
                Files.deleteIfExists(waiter);
            }
            try {
                Files.deleteIfExists(folder);
            } catch (DirectoryNotEmptyException anotherArrived) {
                continue;
            }
        }
    }

    private Path[] waiters() throws IOException {
        try (var files = Files.list(folder)) {
            return files.toArray(Path[]::new);
        } catch (NoSuchFileException open) {
            return new Path[0];
        }
    }

    /** Returns how many have arrived so far. */
    int waiting() throws IOException {
        return waiters().length;
    }

    /** Waits until the given number have arrived. */
    void awaitWaiting(int count) throws IOException, InterruptedException {
        long began = System.nanoTime();
        while (waiting() < count) {
            if (ServingTest.millisSince(began) > 20_000) {
                throw new AssertionError(waiting() + " arrived at the gate, expected " + count);
            }
            Thread.sleep(1);
        }
    }

    /** Called by a handler: arrives at the gate without waiting. */
    static void arrive(String name) throws IOException {
        try {
            Files.createFile(Path.of(name, UUID.randomUUID().toString()));
        } catch (NoSuchFileException open) {
            // No test waits for arrivals any more.
            return;
        }
    }

    /**
     * Called by a handler: arrives, stays for a moment and leaves.
     *
     * @return how many were at the gate at that moment, including this one
     */
    static int visit(String name) throws IOException, InterruptedException {
        Path own = Files.createFile(Path.of(name, UUID.randomUUID().toString()));
        Thread.sleep(2);
        try (var all = Files.list(Path.of(name))) {
            return (int) all.count();
        } finally {
            Files.delete(own);
        }
    }

    static boolean isOpen(String name) {
        return Files.notExists(Path.of(name));
    }

    /** Called by a handler: arrives and waits until the gate is open. */
    static void await(String name) throws IOException, InterruptedException {
        arrive(name);
        while (!isOpen(name)) {
            Thread.sleep(2);
        }
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
