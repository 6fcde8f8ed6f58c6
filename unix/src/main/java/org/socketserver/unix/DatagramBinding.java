package org.socketserver.unix;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.NotYetConnectedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.ConnectionRefusedSocketException;

/**
 * Binds a datagram channel of junixsocket, so that its socket file has the right permissions.
 *
 * <p>junixsocket makes every socket file writable for everybody (bind.c: {@code chmod(path, 0666)} after bind(2)). The
 * file can't be created elsewhere and linked, as a listening socket's file is, because replies would carry the original
 * name. So until the permissions are right, the socket is connected to a guard, another socket of this process. Linux
 * does not allow other sockets to send to a socket that is connected, or to connect to it (EPERM, {@code unix_may_send}
 * in net/unix/af_unix.c). Other systems have no such rule, and there the file is open to everybody for a moment.
 */
final class DatagramBinding {
    private static final boolean LINUX = System.getProperty("os.name", "").startsWith("Linux");

    /** How long a process that is being started may take from fork(2) to execve(2). */
    private static final Duration FORK_TO_EXEC = Duration.ofSeconds(10);

    private static final long PAUSE_NANOS = 1_000_000;

    private DatagramBinding() {}

    /**
     * Binds a channel.
     *
     * @param mode the permissions of a socket file; if empty, those that the umask leaves
     * @return the socket file; null for an abstract name
     * @throws IOException if the address can't be bound; no file is left behind then
     */
    static @Nullable SocketFile bind(AFUNIXDatagramChannel channel, UnixAddress address, Set<PosixFilePermission> mode)
            throws IOException {
        // It makes junixsocket take the address from its owner, and remove a file that is not ours.
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, false);
        channel.setDeleteOnClose(false);
        if (address.isAbstract()) {
            channel.bind(address.forLibrary());
            return null;
        }
        Path path = address.path().orElseThrow();
        return SocketFile.create(path, () -> bindFile(channel, address, path, mode));
    }

    private static SocketFile bindFile(
            AFUNIXDatagramChannel channel, UnixAddress address, Path path, Set<PosixFilePermission> mode)
            throws IOException {
        // Not junixsocket's socket pair, which leaves two more descriptors open.
        try (AFUNIXDatagramChannel guard = AFUNIXDatagramChannel.open()) {
            if (LINUX) {
                UnixAddress name = UnixAddress.abstractName("socketserver-" + UUID.randomUUID());
                guard.bind(name.forLibrary());
                channel.connect(name.forLibrary());
            }
            channel.bind(address.forLibrary());
            SocketFile file = SocketFile.of(path, path);
            boolean done = false;
            try {
                Files.setPosixFilePermissions(path, mode.isEmpty() ? PrivateFolder.defaultMode(path) : mode);
                if (LINUX) {
                    release(channel, guard, FORK_TO_EXEC);
                }
                done = true;
                return file;
            } finally {
                if (!done) {
                    file.close();
                }
            }
        }
    }

    /**
     * Undoes the connection to the guard. When a packet to a closed peer is refused, Linux forgets the peer ({@code
     * unix_dgram_sendmsg}). A process that is being started has copies of all descriptors from fork(2) to execve(2).
     * While it has the guard's, the guard is shut down but not closed.
     */
    static void release(AFUNIXDatagramChannel channel, AFUNIXDatagramChannel guard, Duration forkToExec)
            throws IOException {
        guard.close();
        long began = System.nanoTime();
        boolean interrupted = false;
        try {
            while (!isReleased(channel)) {
                if (System.nanoTime() - began >= forkToExec.toNanos()) {
                    throw new IOException(
                            "the socket can't receive: a process that is being started has held its guard socket for "
                                    + forkToExec.toMillis() + " ms");
                }
                LockSupport.parkNanos(PAUSE_NANOS);
                interrupted |= Thread.interrupted();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Sends a packet to the guard, and returns whether the kernel has forgotten the guard. (junixsocket's own
     * disconnect does nothing.) Uses a copy, because junixsocket closes the descriptor on which a packet is refused.
     */
    private static boolean isReleased(AFUNIXDatagramChannel channel) throws IOException {
        try (DescriptorCopy copy = DescriptorCopy.of(channel)) {
            // Otherwise junixsocket hides the kernel's error on a virtual thread.
            copy.channel().configureBlocking(false);
            copy.channel().write(ByteBuffer.allocateDirect(1));
        } catch (ConnectionRefusedSocketException | NotYetConnectedException forgotten) {
            // Because of this packet, or of the one before if an interrupt hid its refusal.
            return true;
        } catch (AsynchronousCloseException notYet) {
            // EPIPE: it is only shut down. Or an interrupt hides the result.
            return false;
        }
        throw new IOException("the socket can't receive: its guard socket still receives for it");
    }
}
