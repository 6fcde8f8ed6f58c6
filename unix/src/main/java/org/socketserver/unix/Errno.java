package org.socketserver.unix;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Numbers of errno(3) on Linux (x86-64 and aarch64), with the texts of strerror(3). */
enum Errno {
    EPERM(1, "Operation not permitted"),
    ENOENT(2, "No such file or directory"),
    EINTR(4, "Interrupted system call"),
    EBADF(9, "Bad file descriptor"),
    EAGAIN(11, "Resource temporarily unavailable"),
    ENOMEM(12, "Cannot allocate memory"),
    EACCES(13, "Permission denied"),
    ENOTDIR(20, "Not a directory"),
    EINVAL(22, "Invalid argument"),
    EPIPE(32, "Broken pipe"),
    ELOOP(40, "Too many levels of symbolic links"),
    ENOTSOCK(88, "Socket operation on non-socket"),
    EMSGSIZE(90, "Message too long"),
    EPROTOTYPE(91, "Protocol wrong type for socket"),
    ECONNRESET(104, "Connection reset by peer"),
    ENOBUFS(105, "No buffer space available"),
    ENOTCONN(107, "Transport endpoint is not connected"),
    ECONNREFUSED(111, "Connection refused");

    /** True if the receiver does not exist or can't receive at its address: unix(7), {@code unix_dgram_sendmsg}. */
    private static final Set<Errno> UNREACHABLE = EnumSet.of(
            ENOENT,
            EPIPE,
            ECONNRESET,
            ENOTCONN,
            ECONNREFUSED,
            EPERM, // connected to another socket
            EACCES,
            ENOTDIR,
            ELOOP,
            EPROTOTYPE); // a stream socket has its path

    private final int number;
    private final String words;

    Errno(int number, String words) {
        this.number = number;
        this.words = words;
    }

    /** Returns whether a call of {@link KernelCalls} has returned it. */
    boolean is(long result) {
        return result == -number;
    }

    /** Returns the constant for the result of a call; null if there is none. */
    static @Nullable Errno of(long result) {
        for (Errno errno : values()) {
            if (errno.is(result)) {
                return errno;
            }
        }
        return null;
    }

    /** Returns whether a failure to send, given as a result or a text, concerns the receiver and its address. */
    static boolean isUnreachable(long result) {
        Errno errno = of(result);
        return errno != null && UNREACHABLE.contains(errno);
    }

    static boolean isUnreachable(String words) {
        return UNREACHABLE.stream().anyMatch(errno -> words.contains(errno.words));
    }

    /** Returns the text of the result of a call. */
    static String words(long result) {
        Errno errno = of(result);
        return errno == null ? "errno " + -result : errno.words;
    }
}
