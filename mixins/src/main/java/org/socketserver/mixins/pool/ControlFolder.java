package org.socketserver.mixins.pool;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The folder where workers meet their parent. Only the user of this process can reach it ({@link Files#createTempDirectory}
 * makes it with mode 0700); a socket is there only until its worker has come.
 */
final class ControlFolder {
    /** What the shortest limit, that of macOS, leaves of its 104 bytes. */
    private static final int LONGEST = 103;

    private final Path path;
    private final AtomicLong last = new AtomicLong();

    private ControlFolder(Path path) {
        this.path = path;
    }

    static ControlFolder make() throws IOException {
        return new ControlFolder(Files.createTempDirectory("socketserver-"));
    }

    /** A name for the next socket. */
    Path next() throws IOException {
        Path next = path.resolve(Long.toString(last.incrementAndGet(), Character.MAX_RADIX));
        int length = next.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        if (length > LONGEST) {
            throw new IOException(
                    "the path " + next + " has " + length + " bytes, but a socket's can have no more than " + LONGEST
                            + "; set the system property java.io.tmpdir to a folder with a shorter path");
        }
        return next;
    }

    /** Removes the folder. */
    void remove() throws IOException {
        try (DirectoryStream<Path> sockets = Files.newDirectoryStream(path)) {
            for (Path socket : sockets) {
                Files.deleteIfExists(socket);
            }
        }
        Files.deleteIfExists(path);
    }
}
