package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.server.BaseServer;

/** No request waits forever for a silent client, on any stream transport and kind of concurrency. */
@EachStreamWay
class InputDeadlineTest extends DeadlineTest {
    /** Sends the deadline's name. Its next read throws the same exception. */
    static final class Polite implements RequestHandler<Request> {
        @Override
        public void handle(Request request) throws Exception {
            DeadlineException tooLong = assertThrows(DeadlineException.class, () -> Handlers.UPPER.handle(request));
            Handlers.answer(request, tooLong.deadline().toString());
            assertSame(
                    tooLong.getClass(),
                    assertThrows(DeadlineException.class, () -> Handlers.line(request))
                            .getClass());
            Handlers.answer(request, "goodbye");
        }
    }

    @Test
    void aPeerThatSendsNoFirstByteIsTimedOut() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class, only(Deadline.FIRST_BYTE, 60));
        long began = System.nanoTime();
        assertTrue(connect(server).isAtEnd());
        assertNotBefore(60, began);
        assertTimedOut(server, Deadline.FIRST_BYTE, "PEER sent no first byte within 60 ms");
    }

    @Test
    void anIdleConnectionIsTimedOut() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class, only(Deadline.IDLE, 150));
        StreamClient quiet = connect(server);
        long began = System.nanoTime();
        assertEquals("LAST WORDS", quiet.ask("last words"));
        assertTrue(quiet.isAtEnd());
        assertNotBefore(150, began);
        assertTimedOut(server, Deadline.IDLE, "the connection of PEER was quiet for 150 ms");
    }

    @Test
    void aConnectionThatStopsInTheMiddleOfALineIsTimedOut() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class, only(Deadline.IDLE, 150));
        StreamClient dripping = connect(server);
        long began = System.nanoTime();
        dripping.write(new byte[] {'a'});
        assertTrue(dripping.isAtEnd());
        assertNotBefore(150, began);
        assertTimedOut(server, Deadline.IDLE, "the connection of PEER was quiet for 150 ms");
    }

    @Test
    void aReadThatWaitsTooLongIsTimedOut() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class, only(Deadline.READ, 60));
        long began = System.nanoTime();
        assertTrue(connect(server).isAtEnd());
        assertNotBefore(60, began);
        assertTimedOut(server, Deadline.READ, "PEER sent nothing for 60 ms");
        assertEquals("NEXT", connect(server).ask("next"));
    }

    @Test
    void aHookSetsTheDeadlineOfAConnection() throws Exception {
        hooks.around("verifyRequest", (proceed, request) -> {
            ((StreamRequest) request).deadline(Deadline.READ, Duration.ofMillis(60));
            return proceed.call();
        });
        BaseServer<?> server = started(Handlers.Upper.class, only(Deadline.READ, 30_000));
        assertTrue(connect(server).isAtEnd());
        assertTimedOut(server, Deadline.READ, "PEER sent nothing for 60 ms");
    }

    @Test
    void afterTheFirstByteDeadlineTheHandlerCanAnswer() throws Exception {
        StreamClient silent = connect(started(Polite.class, only(Deadline.FIRST_BYTE, 40)));
        assertToldTheReason(silent, "first byte");
    }

    @Test
    void afterTheIdleDeadlineTheHandlerCanAnswer() throws Exception {
        StreamClient quiet = connect(started(Polite.class, only(Deadline.IDLE, 150)));
        assertEquals("HELLO", quiet.ask("hello"));
        assertToldTheReason(quiet, "idle");
    }

    @Test
    void afterTheReadDeadlineTheHandlerCanAnswer() throws Exception {
        StreamClient silent = connect(started(Polite.class, only(Deadline.READ, 40)));
        assertToldTheReason(silent, "read");
    }

    @Test
    void aHandlerCanSetTheDeadlineOfItsOwnConnection() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        StreamClient silent = connect(server);
        silent.send("deadline READ 60");
        assertTrue(silent.isAtEnd());
        assertTimedOut(server, Deadline.READ, "PEER sent nothing for 60 ms");
    }

    private void assertToldTheReason(StreamClient peer, String why) throws Exception {
        assertEquals(why, peer.receive());
        assertEquals("goodbye", peer.receive());
        assertTrue(peer.isAtEnd());
        assertEquals("timed out: " + why, events.awaitEnds(1).get(0).reason(), "even if the handler answers");
        assertEquals(0, hooks.count("handleError"), "the handler has caught the exception");
        assertTrue(hooks.failures.isEmpty());
    }
}
