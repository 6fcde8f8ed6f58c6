package org.socketserver.unix;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Numbers of errno(3) on Linux (x86-64 and aarch64), with the texts of strerror(3). */
enum Errno {
    // Of a receiver that does not exist, or can't receive at its address: unix(7), unix_dgram_sendmsg.
    EPERM(1, true, "Operation not permitted"), // connected to another socket
    ENOENT(2, true, "No such file or directory"),
    EACCES(13, true, "Permission denied"),
    ENOTDIR(20, true, "Not a directory"),
    EPIPE(32, true, "Broken pipe"),
    ELOOP(40, true, "Too many levels of symbolic links"),
    EPROTOTYPE(91, true, "Protocol wrong type for socket"), // a stream socket has its path
    ECONNRESET(104, true, "Connection reset by peer"),
    ENOTCONN(107, true, "Transport endpoint is not connected"),
    ECONNREFUSED(111, true, "Connection refused"),

    EBADF(9, false, "Bad file descriptor"),
    EAGAIN(11, false, "Resource temporarily unavailable"),
    ENOMEM(12, false, "Cannot allocate memory"),
    EINVAL(22, false, "Invalid argument"),
    ENOTSOCK(88, false, "Socket operation on non-socket"),
    EMSGSIZE(90, false, "Message too long"),
    ENOBUFS(105, false, "No buffer space available");

    private final int number;
    private final boolean unreachable;
    private final String words;

    Errno(int number, boolean unreachable, String words) {
        this.number = number;
        this.unreachable = unreachable;
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
        return errno != null && errno.unreachable;
    }

    static boolean isUnreachable(String words) {
        return Stream.of(values()).anyMatch(errno -> errno.unreachable && words.contains(errno.words));
    }

    /** Returns the text of the result of a call. */
    static String words(long result) {
        Errno errno = of(result);
        return errno == null ? "errno " + -result : errno.words;
    }
}
