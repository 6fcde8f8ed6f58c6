package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.server.BaseServer;

/** {@code shutdown(grace)} called by a handler. */
@EachSetup
class GraceFromHandlerTest extends ServingTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void aHandlerThatStopsItsServerWithAGraceIsReportedAsRunningAndCompletes() throws Exception {
        BlockingQueue<ShutdownReport> reports = box();
        BaseServer<?> server = started(request -> {
            String line = Handlers.line(request);
            reports.add(((BaseServer<?>) request.server()).shutdown(LONG));
            Handlers.answer(request, "got " + line);
        });
        Client client = client(server);
        assertEquals("got quit", client.ask("quit"));
        ShutdownReport report = take(reports);
        assertEquals(1, report.running().size(), report.toString());
        assertEquals(0, report.drained() + report.forced().size());
        assertSame(RequestOutcome.DONE, events.awaitEnds(1).get(0).outcome());
    }
}
