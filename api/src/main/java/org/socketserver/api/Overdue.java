package org.socketserver.api;

import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/** Makes the exceptions of deadlines, which name the peer and the time. */
final class Overdue {
    private Overdue() {}

    /** Makes the exception of a deadline for a peer who had so many ns. */
    static DeadlineException of(Deadline deadline, SocketAddress client, long nanos) {
        String peer = AddressText.of(client);
        String time = TimeUnit.NANOSECONDS.toMillis(nanos) + " ms";
        return switch (deadline) {
            case FIRST_BYTE -> new FirstByteTimeoutException(peer + " sent no first byte within " + time);
            case IDLE -> new IdleTimeoutException("the connection of " + peer + " was quiet for " + time);
            case READ -> new ReadTimeoutException(peer + " sent nothing for " + time);
            case WRITE -> new WriteTimeoutException(peer + " took no output for " + time);
            case REQUEST -> new RequestTimeoutException("the request of " + peer + " took longer than " + time);
            case AGE -> new ConnectionAgeException("the connection of " + peer + " has reached its age of " + time);
        };
    }
}
