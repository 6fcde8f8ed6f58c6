package org.socketserver.unix;

import org.jspecify.annotations.Nullable;

/** Numbers of errno(3), as Linux has them on x86-64 and aarch64, with the words of strerror(3). */
enum Errno {
    EPERM(1, "Operation not permitted"),
    ENOENT(2, "No such file or directory"),
    EINTR(4, "Interrupted system call"),
    EBADF(9, "Bad file descriptor"),
    EAGAIN(11, "Resource temporarily unavailable"),
    ENOMEM(12, "Cannot allocate memory"),
    EACCES(13, "Permission denied"),
    EINVAL(22, "Invalid argument"),
    EPIPE(32, "Broken pipe"),
    ENOTSOCK(88, "Socket operation on non-socket"),
    EMSGSIZE(90, "Message too long"),
    EPROTOTYPE(91, "Protocol wrong type for socket"),
    ECONNRESET(104, "Connection reset by peer"),
    ENOBUFS(105, "No buffer space available"),
    ENOTCONN(107, "Transport endpoint is not connected"),
    ECONNREFUSED(111, "Connection refused");

    private final int number;
    private final String words;

    Errno(int number, String words) {
        this.number = number;
        this.words = words;
    }

    /** Tells whether a call of {@link KernelCalls} has given it. */
    boolean is(long result) {
        return result == -number;
    }

    /** Gives what a call has given; null if it is not among these. */
    static @Nullable Errno of(long result) {
        for (Errno errno : values()) {
            if (errno.is(result)) {
                return errno;
            }
        }
        return null;
    }

    /** Says in words what a call has given. */
    static String words(long result) {
        Errno errno = of(result);
        return errno == null ? "errno " + -result : errno.words;
    }
}
