package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.Test;
import org.socketserver.api.Request;
import org.socketserver.api.server.BaseServer;

/** What a handler in this process sees of its request, and its thread. */
@EachSetup
class RequestTest extends ServingTest {
    @Test
    void aRequestHasItsPeerItsServerAndTheServersRealAddress() throws Exception {
        BlockingQueue<Request> seen = box();
        BaseServer<?> server = started(request -> {
            Handlers.ONE_LINE.handle(request);
            seen.add(request);
        });
        Client client = client(server);
        client.ask("who");
        Request request = take(seen);
        assertEquals(client.address().toString(), request.clientAddress().toString());
        assertEquals(server.address(), request.serverAddress());
        assertSame(server, request.server());
    }

    @Test
    void aHandlerThreadIsNamedAfterServerAndPeer() throws Exception {
        BlockingQueue<String> names = box();
        BaseServer<?> server = started(request -> {
            Handlers.line(request);
            names.add(Thread.currentThread().getName());
        });
        client(server).send("name");
        String name = take(names);
        assertTrue(name.startsWith(server.name() + (setup.isThreaded() ? " < " : " accept")), name);
    }
}
