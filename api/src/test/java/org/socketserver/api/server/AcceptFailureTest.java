package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.socketserver.api.DisconnectedException;

class AcceptFailureTest {
    @ParameterizedTest
    @CsvSource({
        "Software caused connection abort, CONNECTION",
        "Connection reset by peer, CONNECTION",
        "Protocol error, CONNECTION",
        "Protocol not available, CONNECTION",
        "Network is down, CONNECTION",
        "Network is unreachable, CONNECTION",
        "No route to host, CONNECTION",
        "Host is down, CONNECTION",
        "Machine is not on the network, CONNECTION",
        "Operation not supported, RESOURCES",
        "Operation not permitted, RESOURCES",
        "Too many open files, DESCRIPTORS",
        "Too many open files in system, DESCRIPTORS",
        "No buffer space available, RESOURCES",
        "Cannot allocate memory, RESOURCES",
        "Bad file descriptor, LISTENER",
        "Invalid argument, LISTENER",
        "Socket operation on non-socket, LISTENER",
        "something nobody has seen, RESOURCES",
        ", RESOURCES"
    })
    void aFailureIsClassifiedByTheMessageOfTheSystem(String words, AcceptFailure expected) {
        assertEquals(expected, AcceptFailure.of(new IOException(words)));
    }

    @Test
    void theExceptionTypeTakesPrecedenceOverTheMessage() {
        assertEquals(AcceptFailure.LISTENER, AcceptFailure.of(new AsynchronousCloseException()));
        assertEquals(
                AcceptFailure.CONNECTION, AcceptFailure.of(new DisconnectedException("bad file descriptor", null)));
    }

    @Test
    void theBackoffGrowsFromTenMillisecondsToOneSecondUntilItIsReset() {
        Acceptor.Backoff backoff = new Acceptor.Backoff();
        assertFalse(backoff.isActive());
        for (long expected : new long[] {10, 20, 40, 80, 160, 320, 640, 1000, 1000}) {
            assertEquals(TimeUnit.MILLISECONDS.toNanos(expected), backoff.next());
            assertTrue(backoff.isActive());
        }
        backoff.reset();
        assertFalse(backoff.isActive());
        assertEquals(TimeUnit.MILLISECONDS.toNanos(10), backoff.next());
    }
}
