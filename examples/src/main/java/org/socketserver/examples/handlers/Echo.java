package org.socketserver.examples.handlers;

import java.io.IOException;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;

/** Sends the bytes back, until the end of a stream, or of a packet. */
public final class Echo implements RequestHandler<Request> {
    /** Makes a handler. */
    public Echo() {}

    @Override
    public void handle(Request request) throws IOException {
        request.input().transferTo(request.output());
    }
}
