package org.socketserver.unix;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The socket file that a server has created. It is identified, so that no other file is ever removed.
 *
 * <p>A {@link Mark} identifies the file. While the socket is bound its inode can't be reused for another file, so the
 * file is removed before the socket is closed.
 */
final class SocketFile implements Closeable {
    /** S_IFMT and S_IFSOCK of inode(7). */
    private static final int TYPE_OF_FILE = 0xf000;

    private static final int SOCKET = 0xc000;

    private static final String TAKEN = "Address already in use (another server has just taken it)";

    /**
     * How long a server may need from bind(2) to listen(2). In between a connection is refused as with a stale socket.
     */
    private static final Duration BIND_TO_LISTEN = Duration.ofMillis(50);

    /** Held from {@link #makeRoom} to the end of binding, so that the servers of this process can't race there. */
    private static final ReentrantLock TURN = new ReentrantLock();

    private final Path path;
    private final Object key;

    private SocketFile(Path path, Object key) {
        this.path = path;
        this.key = key;
    }

    /** Binds a socket, which creates its file. */
    @FunctionalInterface
    interface Binding {
        SocketFile bind() throws IOException;
    }

    /**
     * Makes a path free and binds a socket to it. Servers of this process take turns.
     *
     * @throws IOException if the path can't be bound
     */
    static SocketFile create(Path path, Binding binding) throws IOException {
        TURN.lock();
        try {
            makeRoom(path, BIND_TO_LISTEN, () -> pause(BIND_TO_LISTEN));
            return binding.bind();
        } catch (IOException failure) {
            throw unbound(path, failure);
        } finally {
            TURN.unlock();
        }
    }

    /**
     * Identifies the file of a socket that was just bound.
     *
     * @param path the path for clients
     * @param bound the path where the file is now
     */
    static SocketFile of(Path path, Path bound) throws IOException {
        Mark mark = Mark.of(bound);
        if (mark == null) {
            throw new IOException("the socket file was removed as soon as it was created");
        }
        return new SocketFile(path, mark.key);
    }

    /** Removes the file if it is still the one that the server created. */
    @Override
    public void close() throws IOException {
        Mark now = Mark.of(path);
        if (now != null && now.key.equals(key)) {
            Files.deleteIfExists(path);
        }
    }

    /** Waits for a time that an interrupt does not shorten. */
    private static void pause(Duration time) {
        boolean interrupted = false;
        long end = System.nanoTime() + time.toNanos();
        while (end - System.nanoTime() > 0) {
            LockSupport.parkNanos(end - System.nanoTime());
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Makes a path free for a new socket file: removes a stale socket, and refuses anything else.
     *
     * @param bindToListen how long a new file may belong to a server that does not listen yet
     * @param pause waits for that time
     * @throws BindException if the path is not free; the message says why
     */
    static void makeRoom(Path path, Duration bindToListen, Runnable pause) throws IOException {
        requireFolder(path);
        Mark found = Mark.of(path);
        if (found == null) {
            return;
        }
        if (!found.isSocket) {
            throw new BindException("a file that is not a socket is in the way and was not changed");
        }
        Optional<String> live = liveServer(path);
        if (live.isEmpty() && found.age().compareTo(bindToListen) < 0) {
            pause.run();
            live = liveServer(path);
        }
        Mark last = Mark.of(path);
        if (last == null) {
            return;
        }
        if (live.isPresent()) {
            throw new BindException("Address already in use (" + live.get() + ")");
        }
        if (!last.equals(found)) {
            throw new BindException(TAKEN);
        }
        try {
            Files.deleteIfExists(path);
        } catch (FileSystemException denied) {
            String reason = Objects.requireNonNullElse(denied.getReason(), "Permission denied");
            throw explained("a stale socket file is in the way and can't be removed: " + reason, denied);
        }
    }

    private static void requireFolder(Path path) throws BindException {
        Path folder = Objects.requireNonNullElse(path.toAbsolutePath().getParent(), path);
        if (!Files.isDirectory(folder)) {
            throw new BindException(
                    "the folder " + folder + (Files.exists(folder) ? " is not a folder" : " does not exist"));
        }
    }

    /**
     * Returns why a socket file may belong to a live server; empty if it has no socket. Only a refusal means that: the
     * error is EPROTOTYPE for a socket of another type, EAGAIN for a full queue, EACCES for a socket of another user
     * (connect(2)).
     */
    private static Optional<String> liveServer(Path path) throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(path));
            return Optional.of("a server answers there");
        } catch (ConnectException refused) {
            return Optional.empty();
        } catch (IOException unclear) {
            return Optional.of(Objects.requireNonNullElse(unclear.getMessage(), unclear.toString()));
        }
    }

    /** Returns the exception for a socket file that could not be created, in the terms of this module. */
    static IOException unbound(Path path, IOException failure) {
        String words = String.valueOf(failure.getMessage());
        if (failure instanceof AccessDeniedException || words.equals("Permission denied")) {
            return explained(
                    "no permission to create a file in the folder "
                            + path.toAbsolutePath().getParent(),
                    failure);
        }
        if (failure instanceof FileAlreadyExistsException) {
            return explained(TAKEN, failure);
        }
        if (failure instanceof FileSystemException other && other.getReason() != null) {
            return explained(other.getReason() + ": " + other.getFile(), failure);
        }
        return failure;
    }

    static BindException explained(String message, IOException cause) {
        BindException explained = new BindException(message);
        explained.initCause(cause);
        return explained;
    }

    /**
     * Distinguishes a file from another one at the same path: device and inode, and the time of its last change,
     * because a file system reuses the inode of a removed file.
     */
    private record Mark(Object key, FileTime changed, boolean isSocket) {
        /** Returns the mark of a file, without following a symbolic link; null if there is no file. */
        static @Nullable Mark of(Path path) throws IOException {
            try {
                if (path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
                    Map<String, Object> unix =
                            Files.readAttributes(path, "unix:fileKey,ctime,mode", LinkOption.NOFOLLOW_LINKS);
                    return new Mark(
                            known(unix, "fileKey"),
                            (FileTime) known(unix, "ctime"),
                            ((int) known(unix, "mode") & TYPE_OF_FILE) == SOCKET);
                }
                // Windows: no keys, and a socket is a reparse point, which the JDK calls "other".
                Map<String, Object> basic =
                        Files.readAttributes(path, "creationTime,lastModifiedTime,isOther", LinkOption.NOFOLLOW_LINKS);
                return new Mark(
                        known(basic, "creationTime"),
                        (FileTime) known(basic, "lastModifiedTime"),
                        Boolean.TRUE.equals(basic.get("isOther")));
            } catch (NoSuchFileException absent) {
                return null;
            }
        }

        Duration age() {
            return Duration.between(changed.toInstant(), Instant.now());
        }

        private static Object known(Map<String, Object> attributes, String name) {
            return Objects.requireNonNull(attributes.get(name), name);
        }
    }
}
