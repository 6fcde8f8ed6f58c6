package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.BaseServer;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;

/** What a handler throws ends its own request only, and is reported with the peer's address. */
@EachSetup
class HandlerFailureTest extends ServingTest {
    private void endsItsOwnRequestOnly(RequestHandler<Request> fail, Class<? extends Throwable> expected)
            throws Exception {
        BaseServer<?> server = started(request -> {
            String line = Handlers.line(request);
            if ("fail".equals(line)) {
                fail.handle(request);
            }
            Handlers.answer(request, "got " + line);
        });
        Client failing = client(server);
        failing.send("fail");
        assertSame(RequestOutcome.FAILED, events.awaitEnds(1).get(0).outcome());

        Hooks.Failure failure = hooks.failures.remove();
        assertSame(expected, failure.thrown().getClass());
        assertEquals(failing.address().toString(), failure.client().toString());
        assertSame(failure.thrown(), events.awaitEnds(1).get(0).failure().orElseThrow());
        assertEquals("got well", client(server).ask("well"));
        assertTrue(hooks.failures.isEmpty());
        List<String> logged = log.messages(Level.SEVERE);
        assertEquals(1, logged.size(), logged.toString());
        assertTrue(logged.get(0).contains(server.name()), logged.toString());
    }

    @Test
    void anExceptionEndsItsOwnRequestOnly() throws Exception {
        endsItsOwnRequestOnly(
                request -> {
                    throw new IllegalStateException("on purpose");
                },
                IllegalStateException.class);
    }

    @Test
    void anIoExceptionOfTheHandlersOwnEndsItsOwnRequestOnly() throws Exception {
        endsItsOwnRequestOnly(
                request -> {
                    throw new IOException("disk full");
                },
                IOException.class);
    }

    @Test
    void aStackOverflowEndsItsOwnRequestOnly() throws Exception {
        endsItsOwnRequestOnly(request -> Faults.overflowStack(), StackOverflowError.class);
    }

    @Test
    void anAssertionErrorEndsItsOwnRequestOnly() throws Exception {
        endsItsOwnRequestOnly(
                request -> {
                    throw new AssertionError("on purpose");
                },
                AssertionError.class);
    }

    @Test
    void anOutOfMemoryErrorEndsItsOwnRequestOnly() throws Exception {
        endsItsOwnRequestOnly(request -> Faults.exhaustMemory(), OutOfMemoryError.class);
    }

    @Test
    void aConstructorThatThrowsEndsItsOwnRequestOnly() throws Exception {
        HandlerSource<Request> source = HandlerSource.ofClass(Faults.Unmade.class);
        endsItsOwnRequestOnly(request -> source.newHandler().handle(request), IllegalStateException.class);
    }

    @Test
    void aSetupThatThrowsEndsItsOwnRequestOnly() throws Exception {
        endsItsOwnRequestOnly(request -> new Faults.FailingSetup().handle(request), IllegalStateException.class);
    }

    @Test
    void aFinishThatThrowsEndsItsOwnRequestOnly() throws Exception {
        BaseServer<?> server = server(
                () -> new BaseRequestHandler<Request>() {
                    private String line = "";

                    @Override
                    public void handle() throws IOException {
                        line = String.valueOf(Handlers.line(request()));
                        Handlers.answer(request(), "got " + line);
                    }

                    @Override
                    protected void finish() {
                        if ("fail".equals(line)) {
                            throw new IllegalStateException("finish on purpose");
                        }
                    }
                },
                options().build());
        server.start();
        client(server).send("fail");
        assertSame(RequestOutcome.FAILED, events.awaitEnds(1).get(0).outcome());
        assertEquals("finish on purpose", hooks.failures.remove().thrown().getMessage());
        assertEquals("got well", client(server).ask("well"));
    }

    @Test
    void anInterruptedExceptionEndsItsOwnRequestOnly() throws Exception {
        endsItsOwnRequestOnly(
                request -> {
                    throw new InterruptedException("on purpose");
                },
                InterruptedException.class);
    }

    @Test
    void aFactoryThatFailsEndsItsOwnRequestOnly() throws Exception {
        var first = new AtomicBoolean(true);
        BaseServer<?> server = server(
                () -> {
                    if (first.getAndSet(false)) {
                        throw new IllegalStateException("no handler today");
                    }
                    return Handlers.ONE_LINE;
                },
                options().build());
        server.start();
        provoke(server);
        assertSame(RequestOutcome.FAILED, events.awaitEnds(1).get(0).outcome());
        assertEquals("no handler today", hooks.failures.remove().thrown().getMessage());
        assertEquals("got second", client(server).ask("second"));
    }
}
