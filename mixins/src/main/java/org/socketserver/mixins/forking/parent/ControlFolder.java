package org.socketserver.mixins.forking.parent;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.socketserver.api.internal.EventLog;

/**
 * The folder of the sockets where workers connect to their server. Only the user of this process can reach it ({@link
 * Files#createTempDirectory} creates it with mode 0700). A socket exists only until its worker has connected. Any
 * thread may call.
 *
 * <p>This process holds a lock on the file {@value #LOCK} in it, which the kernel releases however the process ends.
 * The lock identifies the folder of a crashed server reliably, even if its process id was reused or belongs to
 * another container. The next server of the same user removes that folder.
 */
final class ControlFolder {
    /** The longest path of a socket on macOS, which has the lowest limit: 104 bytes with the final zero. */
    private static final int MAX_LENGTH = 103;

    private static final String PREFIX = "socketserver-";
    private static final String LOCK = "socketserver.lock";

    /**
     * The folders of this process: closing any descriptor of a lock file would release its lock (fcntl(2)). Each class
     * loader that loads this class has its own set, and does not know of the folders in the others.
     */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private Path path;
    private FileChannel lock;
    private long last;

    private ControlFolder() throws IOException {
        open();
    }

    /** Creates a folder, and removes folders that crashed servers of the same user have left. */
    static ControlFolder make() throws IOException {
        ControlFolder folder = new ControlFolder();
        removeAbandoned(folder.path);
        return folder;
    }

    private void open() throws IOException {
        do {
            path = newFolder();
            lock = lockFile(path);
        } while (!isLocked());
    }

    /** Returns whether the lock is held; false if another server found the folder first and removes it. */
    private boolean isLocked() throws IOException {
        boolean locked = true;
        try {
            locked = lock.tryLock() != null && Files.exists(path.resolve(LOCK));
        } catch (IOException unsupported) {
            debug("the folder " + path + " can't be locked, and stays if this crashes: " + unsupported);
        }
        if (!locked) {
            release();
        }
        return locked;
    }

    private static FileChannel lockFile(Path folder) throws IOException {
        try {
            return FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException failure) {
            OWN.remove(folder);
            Files.deleteIfExists(folder);
            throw failure;
        }
    }

    private static Path newFolder() throws IOException {
        try {
            Path made = Files.createTempDirectory(PREFIX);
            OWN.add(made);
            return made;
        } catch (IOException failure) {
            throw new IOException(
                    "the folder where workers meet their server can't be made in java.io.tmpdir: " + failure, failure);
        }
    }

    /**
     * Removes folders of this user's servers that have exited. Does nothing where {@link SecureDirectoryStream} is not
     * supported, because a symbolic link could redirect the deletion.
     *
     * @param own a folder of this process in the same directory
     */
    private static void removeAbandoned(Path own) {
        Path parent = Objects.requireNonNull(own.getParent(), "the parent of a temporary folder");
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "[0-9]*")) {
            if (folders instanceof SecureDirectoryStream<Path> secure) {
                UserPrincipal user = Files.getOwner(own, LinkOption.NOFOLLOW_LINKS);
                for (Path folder : secure) {
                    if (!OWN.contains(folder)) {
                        removeIfAbandoned(secure, folder, user);
                    }
                }
            }
        } catch (IOException | RuntimeException failure) {
            debug("folders of crashed servers are not looked for: " + failure);
        }
    }

    private static void removeIfAbandoned(SecureDirectoryStream<Path> parent, Path folder, UserPrincipal user) {
        Path name = Objects.requireNonNull(folder.getFileName(), "the name of a folder");
        Set<OpenOption> options = Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try (SecureDirectoryStream<Path> files = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            FileOwnerAttributeView owner = files.getFileAttributeView(FileOwnerAttributeView.class);
            if (owner == null || !owner.getOwner().equals(user)) {
                return;
            }
            try (SeekableByteChannel opened = files.newByteChannel(Path.of(LOCK), options);
                    FileLock held = opened instanceof FileChannel channel ? channel.tryLock() : null) {
                if (held != null) {
                    for (Path file : files) {
                        files.deleteFile(Objects.requireNonNull(file.getFileName(), "the name of a file"));
                    }
                    parent.deleteDirectory(name);
                    debug("removed " + folder + ", which a crashed server has left");
                }
            }
        } catch (IOException | RuntimeException notOurs) {
            // Of another user, not a folder, without a lock, or just removed by another server.
            debug("left " + folder + " alone: " + notOurs);
        }
    }

    private static void debug(String message) {
        EventLog.PROCESS.log(Level.DEBUG, "control folder", message);
    }

    /** Returns a path for the next socket. */
    synchronized Path next() throws IOException {
        if (!Files.isDirectory(path)) {
            // Removed by a program that cleans up temporary files.
            release();
            open();
        }
        Path next = path.resolve(Long.toString(++last, Character.MAX_RADIX));
        int length = next.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_LENGTH) {
            throw new IOException(
                    "the path " + next + " has " + length + " bytes, but a socket's can have no more than " + MAX_LENGTH
                            + "; set the system property java.io.tmpdir to a folder with a shorter path");
        }
        return next;
    }

    private void release() throws IOException {
        OWN.remove(path);
        lock.close();
    }

    /** Removes the folder. */
    synchronized void remove() throws IOException {
        try {
            if (Files.isDirectory(path)) {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
                    for (Path file : files) {
                        Files.deleteIfExists(file);
                    }
                }
                Files.deleteIfExists(path);
            }
        } finally {
            release();
        }
    }
}
