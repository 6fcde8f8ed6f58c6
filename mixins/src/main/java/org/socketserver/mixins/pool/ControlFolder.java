package org.socketserver.mixins.pool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder where workers meet their parent. Only the user of this process can reach it ({@link Files#createTempDirectory}
 * makes it with mode 0700); a socket is there only until its worker has come. Any thread may call.
 */
final class ControlFolder {
    /** What the shortest limit, that of macOS, leaves of its 104 bytes. */
    private static final int LONGEST = 103;

    private Path path;
    private long last;

    private ControlFolder(Path path) {
        this.path = path;
    }

    static ControlFolder make() throws IOException {
        return new ControlFolder(newFolder());
    }

    private static Path newFolder() throws IOException {
        try {
            return Files.createTempDirectory("socketserver-");
        } catch (IOException failure) {
            throw new IOException(
                    "the folder where workers meet their server can't be made in java.io.tmpdir: " + failure, failure);
        }
    }

    /** A name for the next socket. */
    synchronized Path next() throws IOException {
        if (!Files.isDirectory(path)) {
            // Those who tidy up temporary files have taken it, as it is empty most of the time.
            path = newFolder();
        }
        Path next = path.resolve(Long.toString(++last, Character.MAX_RADIX));
        int length = next.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST) {
            throw new IOException(
                    "the path " + next + " has " + length + " bytes, but a socket's can have no more than " + LONGEST
                            + "; set the system property java.io.tmpdir to a folder with a shorter path");
        }
        return next;
    }

    /** Removes the folder. */
    synchronized void remove() throws IOException {
        if (!Files.isDirectory(path)) {
            return;
        }
        try (DirectoryStream<Path> sockets = Files.newDirectoryStream(path)) {
            for (Path socket : sockets) {
                Files.deleteIfExists(socket);
            }
        }
        Files.deleteIfExists(path);
    }
}
