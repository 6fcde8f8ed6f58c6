package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.WorkerDiedException;

/** An exception or error of a handler ends only its own request, and is reported with the client's address. */
@EachWay
class HandlerFailureTest extends ServingTest {
    private void assertEndsOnlyItsRequest(String command, Class<? extends Throwable> expected, String message)
            throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        assertReported(server, command, expected, message);
        assertEquals("WELL", client(server).ask("upper well"));
        assertTrue(hooks.failures.isEmpty());
    }

    private void assertReported(
            BaseServer<?> server, String command, Class<? extends Throwable> expected, String message)
            throws Exception {
        int before = events.stopped().size();
        Client failing = client(server);
        provoke(failing, command);
        Throwable failure = events.awaitEnds(before + 1).get(before).failure().orElseThrow();
        assertSame(
                RequestOutcome.FAILED, events.awaitEnds(before + 1).get(before).outcome());
        assertThrown(expected, message, failure);
        Hooks.Failure reported = hooks.failures.remove();
        assertSame(failure, reported.thrown());
        assertEquals(failing.address().toString(), reported.client().toString());
        List<String> logged = log.messages(Level.SEVERE);
        assertEquals(before + 1, logged.size(), logged.toString());
        assertTrue(logged.get(before).contains(server.name()), logged.toString());
    }

    @Test
    void anExceptionEndsItsOwnRequestOnly() throws Exception {
        assertEndsOnlyItsRequest("throw on purpose", IllegalStateException.class, "on purpose");
    }

    @Test
    void anIoExceptionOfTheHandlerEndsItsOwnRequestOnly() throws Exception {
        assertEndsOnlyItsRequest("io disk full", IOException.class, "disk full");
    }

    @Test
    void aStackOverflowEndsItsOwnRequestOnly() throws Exception {
        assertEndsOnlyItsRequest("overflow", StackOverflowError.class, "");
    }

    @Test
    void anAssertionErrorEndsItsOwnRequestOnly() throws Exception {
        assertEndsOnlyItsRequest("error on purpose", AssertionError.class, "on purpose");
    }

    @Test
    void anOutOfMemoryErrorEndsItsOwnRequestOnly() throws Exception {
        assumeFalse(setup.isForking(), "it ends a worker");
        assertEndsOnlyItsRequest("memory", OutOfMemoryError.class, "Requested array size exceeds VM limit");
    }

    @Test
    void anOutOfMemoryErrorInAWorkerEndsTheWorkerAndItsOwnRequestOnly() throws Exception {
        assumeTrue(setup.isForking(), "for workers only");
        BaseServer<?> server = started(ObedientHandler.class);
        client(server).send("memory");
        RequestEnd end = events.awaitEnds(1).get(0);
        assertSame(RequestOutcome.FAILED, end.outcome());
        assertSame(WorkerDiedException.class, end.failure().orElseThrow().getClass());
        assertSame(end.failure().orElseThrow(), hooks.failures.remove().thrown());
        assertEquals("WELL", client(server).ask("upper well"));
    }

    @Test
    void anInterruptedExceptionEndsItsOwnRequestOnly() throws Exception {
        assertEndsOnlyItsRequest("interrupted on purpose", InterruptedException.class, "on purpose");
    }

    /** Checks that each request to a handler that always fails is reported. */
    private void assertEachReported(Class<? extends RequestHandler<Request>> handler, String message) throws Exception {
        BaseServer<?> server = started(handler);
        for (int i = 0; i < 3; i++) {
            assertReported(server, "quiet", IllegalStateException.class, message);
        }
    }

    @Test
    void aConstructorThatThrowsEndsItsOwnRequestOnly() throws Exception {
        assertEachReported(Faults.FailingConstructor.class, "constructor on purpose");
    }

    @Test
    void aSetupThatThrowsEndsItsOwnRequestOnly() throws Exception {
        assertEachReported(Faults.FailingSetup.class, "setup on purpose");
    }

    @Test
    void aFinishThatThrowsEndsItsOwnRequestOnly() throws Exception {
        assertEachReported(Faults.FailingFinish.class, "finish on purpose");
    }

    @Test
    void theStackOfTheHandlerIsReported() throws Exception {
        BaseServer<?> server = started(ObedientHandler.class);
        client(server).send("throw on purpose");
        Throwable failure = events.awaitEnds(1).get(0).failure().orElseThrow();
        String place = failure.getStackTrace()[0].getClassName();
        assertEquals(ObedientEnds.class.getName(), place);
    }
}
