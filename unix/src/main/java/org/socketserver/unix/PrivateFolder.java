package org.socketserver.unix;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A new folder next to a socket file, for one socket file, that only this user can enter.
 *
 * <p>The umask determines the permissions of a new socket file, and Java can't set the umask. If the file is created in
 * this folder, no other user can connect before its permissions are right. The names are short because socket paths are
 * limited in length.
 */
final class PrivateFolder implements AutoCloseable {
    private static final FileAttribute<Set<PosixFilePermission>> ONLY_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final int ATTEMPTS = 1000;

    private final Path folder;

    private PrivateFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Creates a folder.
     *
     * @throws UnsupportedOperationException if the file system has no POSIX permissions
     */
    static PrivateFolder beside(Path path) throws IOException {
        return new PrivateFolder(freshFolder(path, ONLY_OWNER));
    }

    /** Returns the permissions of a new socket file: those of a new folder, see bind(2) and mkdir(2). */
    static Set<PosixFilePermission> defaultMode(Path path) throws IOException {
        Path probe = freshFolder(path);
        try {
            return Files.getPosixFilePermissions(probe);
        } finally {
            Files.delete(probe);
        }
    }

    private static Path freshFolder(Path path, FileAttribute<?>... attributes) throws IOException {
        for (int attempt = 1; ; attempt++) {
            int number = ThreadLocalRandom.current().nextInt(36 * 36 * 36);
            String name = "." + Integer.toString(36 * 36 * 36 + number, 36).substring(1);
            try {
                return Files.createDirectory(path.resolveSibling(name), attributes);
            } catch (FileAlreadyExistsException taken) {
                if (attempt == ATTEMPTS) {
                    throw taken;
                }
            }
        }
    }

    /** Returns the path for the socket file. */
    Path socket() {
        return folder.resolve("s");
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(socket());
        Files.delete(folder);
    }
}
