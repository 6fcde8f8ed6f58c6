package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.server.BaseServer;

/** A handler sets and reads the deadlines of its own connection. */
@EachStreamSetup
class DeadlineOfConnectionTest extends DeadlineTest {
    private BaseServer<?> serving(RequestHandler<StreamRequest> handler) throws Exception {
        return started(request -> handler.handle((StreamRequest) request));
    }

    @Test
    void aHandlerSetsADeadline() throws Exception {
        BaseServer<?> server = serving(request -> {
            request.deadline(Deadline.READ, Duration.ofMillis(40));
            Handlers.UPPER.handle(request);
        });
        assertTrue(connect(server).isAtEnd());
        assertTimedOut(server, Deadline.READ, "PEER sent nothing for 40 ms");
    }

    @Test
    void aChangeAppliesToAReadThatIsWaiting() throws Exception {
        BlockingQueue<StreamRequest> reading = box();
        BaseServer<?> server = serving(request -> {
            reading.add(request);
            Handlers.UPPER.handle(request);
        });
        StreamClient client = connect(server);
        StreamRequest request = take(reading);
        while (!request.isWaiting()) {
            Thread.sleep(1);
        }
        request.deadline(Deadline.FIRST_BYTE, Duration.ofMillis(40));
        assertTrue(client.isAtEnd());
        assertTimedOut(server, Deadline.FIRST_BYTE, "PEER sent no first byte within 40 ms");
    }

    @Test
    void aChangeAppliesToItsConnectionOnly() throws Exception {
        BaseServer<?> server = started(
                request -> {
                    if ("patience".equals(Handlers.line(request))) {
                        ((StreamRequest) request).deadline(Deadline.IDLE, Duration.ZERO);
                        Handlers.answer(request, "granted");
                        pause(10);
                        Handlers.UPPER.handle(request);
                    } else {
                        Handlers.line(request);
                    }
                },
                only(Deadline.IDLE, 150));
        StreamClient patient = connect(server);
        assertEquals("granted", patient.ask("patience"));
        pause(400);
        assertEquals("STILL HERE", patient.ask("still here"));
        patient.close();
        events.awaitEnds(1);
        StreamClient other = connect(server);
        other.send("none");
        assertTrue(other.isAtEnd());
        assertSame(
                Deadline.IDLE,
                assertInstanceOf(
                                DeadlineException.class, hooks.failures.remove().thrown())
                        .deadline());
    }

    @Test
    void requestAndAgeAreSetByTheServersOptionsOnly() throws Exception {
        BlockingQueue<String> refusals = box();
        BaseServer<?> server = serving(request -> {
            for (Deadline deadline : new Deadline[] {Deadline.REQUEST, Deadline.AGE}) {
                refusals.add(assertThrows(
                                IllegalArgumentException.class, () -> request.deadline(deadline, Duration.ofSeconds(1)))
                        .getMessage());
            }
        });
        connect(server);
        assertEquals("the deadline request is set by the server's options only", take(refusals));
        assertEquals("the deadline age is set by the server's options only", take(refusals));
    }

    @Test
    void aNegativeTimeIsRefused() throws Exception {
        BlockingQueue<String> refusals = box();
        connect(serving(request -> refusals.add(assertThrows(
                        IllegalArgumentException.class, () -> request.deadline(Deadline.IDLE, Duration.ofMillis(-1)))
                .getMessage())));
        assertEquals("the deadline idle is -1 ms; it must be 0 ms or more", take(refusals));
    }

    @Test
    void everyDeadlineCanBeRead() throws Exception {
        BlockingQueue<Duration> read = box();
        BaseServer<?> server = serving(request -> {
            for (Deadline deadline : Deadline.values()) {
                read.add(request.deadline(deadline));
            }
        });
        connect(server);
        for (Deadline deadline : Deadline.values()) {
            assertEquals(server.options().deadline(deadline), take(read), deadline.toString());
        }
    }
}
