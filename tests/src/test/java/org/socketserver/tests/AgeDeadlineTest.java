package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;

/** {@link Deadline#AGE}: an old connection ends as soon as no answer is pending. */
@EachStreamWay
class AgeDeadlineTest extends DeadlineTest {
    /** A new worker needs time for its first request, even on a busy machine. */
    private long age() {
        return setup.isForking() ? 1_500 : 250;
    }

    private String old() {
        return "the connection of PEER has reached its age of " + age() + " ms";
    }

    private ServerOptions shortGrace() {
        return only(Deadline.AGE, age()).grace(Duration.ofMillis(100));
    }

    @Test
    void anIdleConnectionEndsAtItsAge() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class, only(Deadline.AGE, age()));
        long began = System.nanoTime();
        StreamClient client = connect(server);
        assertTrue(client.isAtEnd());
        assertNotBefore(age(), began);
        assertTimedOut(server, Deadline.AGE, old());
    }

    /** Sends a goodbye when its connection has reached its age. */
    static final class ConnectAgain implements RequestHandler<Request> {
        @Override
        public void handle(Request request) throws IOException {
            assertSame(
                    Deadline.AGE,
                    assertThrows(DeadlineException.class, () -> Handlers.line(request))
                            .deadline());
            Handlers.answer(request, "connect again");
            assertSame(
                    Deadline.AGE,
                    assertThrows(DeadlineException.class, () -> Handlers.line(request))
                            .deadline());
        }
    }

    @Test
    void theHandlerCanStillWriteAtTheAge() throws Exception {
        BaseServer<?> server = started(ConnectAgain.class, only(Deadline.AGE, 40));
        StreamClient client = connect(server);
        assertEquals("connect again", client.receive());
        assertTrue(client.isAtEnd());
        assertEquals("timed out: age", events.awaitEnds(1).get(0).reason());
    }

    @Test
    void aPendingAnswerIsSentFirst() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class, only(Deadline.AGE, age()));
        StreamClient client = connect(server);
        client.send("sleep " + 2 * age() + ";upper this");
        assertEquals("THIS", client.receive());
        assertTrue(client.isAtEnd());
        assertTimedOut(server, Deadline.AGE, old());
    }

    /** Starts reading after the connection has reached its age. */
    static final class LateReader implements RequestHandler<Request> {
        @Override
        public void handle(Request request) throws Exception {
            pause(2 * request.server().options().deadline(Deadline.AGE).toMillis());
            Handlers.UPPER.handle(request);
        }
    }

    @Test
    void aRequestSentBeforeAndReadLaterIsStillAnswered() throws Exception {
        BaseServer<?> server = started(LateReader.class, only(Deadline.AGE, age()));
        StreamClient client = connect(server);
        assertEquals("EARLY", client.ask("early"));
        assertTrue(client.isAtEnd());
        assertTimedOut(server, Deadline.AGE, old());
    }

    @Test
    void aConnectionInTheMiddleOfARequestIsClosedAfterTheGrace() throws Exception {
        BaseServer<?> server = started(Handlers.Upper.class, shortGrace());
        long began = System.nanoTime();
        StreamClient client = connect(server);
        client.write(new byte[] {'a'});
        assertTimedOut(server, Deadline.AGE, old());
        assertNotBefore(age() + 100, began);
    }

    @Test
    void aSleepingHandlerIsInterruptedAfterTheGrace() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class, shortGrace());
        long began = System.nanoTime();
        connect(server).send("sleep 1000000");
        events.awaitEnds(1);
        assertNotBefore(age() + 100, began);
        assertTimedOut(server, Deadline.AGE, old());
    }
}
