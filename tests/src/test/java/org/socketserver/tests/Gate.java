package org.socketserver.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;

/**
 * What a latch is between threads, between processes: a folder that is there until the gate opens. Who waits puts a file into
 * it, so that a test knows. Its name, as {@link #toString()} gives it, can be told to a handler over the wire.
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

    /** Lets all through who wait and who come, and leaves nothing; without effect the second time. */
    void open() throws IOException {
        while (Files.exists(folder)) {
            for (Path waiter : waiters()) {
                Files.deleteIfExists(waiter);
            }
            try {
                Files.deleteIfExists(folder);
            } catch (DirectoryNotEmptyException oneMoreHasCome) {
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

    /** Tells how many have come to it so far. */
    int waiting() throws IOException {
        return waiters().length;
    }

    /** Waits until so many have come to it. */
    void awaitWaiting(int count) throws IOException, InterruptedException {
        long began = System.nanoTime();
        while (waiting() < count) {
            if (ServingTest.millisSince(began) > 20_000) {
                throw new AssertionError(waiting() + " came to the gate, not " + count);
            }
            Thread.sleep(1);
        }
    }

    /** Comes to a gate, as a handler: the test sees it from now on. */
    static void come(String name) throws IOException {
        try {
            Files.createFile(Path.of(name, UUID.randomUUID().toString()));
        } catch (NoSuchFileException open) {
            // Then nobody has to know.
            return;
        }
    }

    /** Comes to a gate, stays for a moment and goes, as a handler; gives how many were there meanwhile, itself included. */
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

    /** Comes and waits, as a handler does that waits for anything but its peer. */
    static void await(String name) throws IOException, InterruptedException {
        come(name);
        while (!isOpen(name)) {
            Thread.sleep(2);
        }
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
