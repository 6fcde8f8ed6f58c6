package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.server.BaseServer;

/** A factory that throws ends only its own request. */
@EachSetup
class FactoryFailureTest extends ServingTest {
    @Test
    void aFactoryThatThrowsEndsItsOwnRequestOnly() throws Exception {
        var first = new AtomicBoolean(true);
        BaseServer<?> server = server(
                () -> {
                    if (first.getAndSet(false)) {
                        throw new IllegalStateException("no handler today");
                    }
                    return Handlers.ONE_LINE;
                },
                options());
        server.start();
        provoke(server);
        assertSame(RequestOutcome.FAILED, events.awaitEnds(1).get(0).outcome());
        assertEquals("no handler today", hooks.failures.remove().thrown().getMessage());
        assertEquals("got second", client(server).ask("second"));
    }
}
