package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.Deadline;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.server.BaseServer;

/** No request waits forever for a client that does not read. */
@EachSetup
class WriteDeadlineTest extends DeadlineTest {
    private final BlockingQueue<Long> began = box();

    /** Records the start of each write, and writes until that fails. */
    private final RequestHandler<Request> flood = request -> {
        Handlers.line(request);
        byte[] chunk = new byte[setup.isStream() ? 256 * 1024 : 100];
        while (true) {
            began.clear();
            began.add(System.nanoTime());
            if (request instanceof DatagramRequest packet) {
                packet.reply(chunk);
            } else {
                request.output().write(chunk);
            }
        }
    };

    @Test
    void aPeerThatStopsReadingIsTimedOut() throws Exception {
        assumeTrue(setup.transport() != Transport.UDP, "UDP drops packets that the peer does not read");
        BaseServer<?> server = started(
                request -> {
                    if (events.started().size() == 1) {
                        flood.handle(request);
                    } else {
                        Handlers.ONE_LINE.handle(request);
                    }
                },
                only(Deadline.WRITE, 80));
        Client lazy = client(server);
        lazy.send("go");
        RequestEnd end = assertTimedOut(
                server,
                Deadline.WRITE,
                setup.isStream() ? "PEER took no output for 80 ms" : "the queue to PEER was full for 80 ms");
        assertNotBefore(80, take(began));
        assertTrue(end.bytesOut() > 0);
        assertEquals("got next", client(server).ask("next"), "the server continues");
    }
}
