package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.ServerState;
import org.socketserver.api.server.BaseServer;

/** Only a failure of the listening socket ends the accept loop. Any sequence of other failures does not. */
@EachSetup
class AcceptFailuresTest extends ServingTest {
    /** Errors of accept(2) and recvfrom(2), as strerror(3) prints them. */
    private static final List<String> SURVIVED = List.of(
            "Software caused connection abort",
            "Too many open files",
            "Connection reset by peer",
            "Connection reset",
            "Connection refused",
            "Protocol error",
            "Too many open files in system",
            "Protocol not available",
            "Network is down",
            "Network is unreachable",
            "No buffer space available",
            "No route to host",
            "Host is down",
            "Machine is not on the network",
            "Cannot allocate memory",
            "Operation not supported",
            "Operation not permitted",
            "Connection timed out",
            "an unknown error");

    private static final int AT_A_TIME = 6;

    /** Replaced as a whole, because the loop may poll while the next ones are added. */
    private volatile Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    /** Makes {@code getRequest} fail with each of them in turn, then accept. */
    private void failInTurn(List<? extends Throwable> all) {
        failures = new ConcurrentLinkedQueue<>(all);
        hooks.around("getRequest", (proceed, request) -> {
            Throwable next = failures.poll();
            if (next instanceof Error error) {
                throw error;
            }
            if (next instanceof Exception exception) {
                throw exception;
            }
            return proceed.call();
        });
    }

    /** Asks again when disconnected: a descriptor shortage spends the reserve descriptor on waiting clients. */
    private String askUntilServed(BaseServer<?> server) throws IOException {
        String answer = null;
        while (answer == null) {
            Client client = client(server);
            try {
                answer = client.ask("through");
            } catch (IOException disconnected) {
                // Disconnected while sending.
            }
        }
        return answer;
    }

    @Test
    void transientFailuresInARowDoNotEndTheLoop() throws Exception {
        List<Throwable> all = new ArrayList<>();
        SURVIVED.forEach(words -> all.add(new IOException(words)));
        all.add(new IOException((String) null));
        all.add(new DisconnectedException("gone", new IOException("Bad file descriptor")));
        all.add(new IllegalStateException("an override"));
        all.add(new OutOfMemoryError("Java heap space"));
        BaseServer<?> server = started(Handlers.ONE_LINE, options().pollInterval(Duration.ofMillis(10)));
        // A few at a time, because the pauses grow until an accept succeeds.
        for (int from = 0; from < all.size(); from += AT_A_TIME) {
            failInTurn(all.subList(from, Math.min(all.size(), from + AT_A_TIME)));
            assertEquals("got through", askUntilServed(server));
            assertTrue(failures.isEmpty());
        }
        assertSame(ServerState.SERVING, server.state());
    }

    @Test
    void failuresOfTheListenerEndServingWithTheException() throws Exception {
        for (IOException failure : List.of(
                new IOException("Bad file descriptor"),
                new IOException("Invalid argument"),
                new IOException("Socket operation on non-socket"),
                new ClosedChannelException(),
                new AsynchronousCloseException())) {
            failInTurn(List.of(failure));
            BaseServer<?> server = server(Handlers.ONE_LINE);
            server.bind();
            client(server).send("there");
            assertSame(failure, assertThrows(IOException.class, server::serveForever));
            assertSame(ServerState.BOUND, server.state());
            closeAll();
        }
    }
}
