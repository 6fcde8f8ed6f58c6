package org.socketserver.benchmarks.servers;

import java.io.IOException;
import org.socketserver.mixins.StreamRequestHandler;

/** Answers one line, in the way that most users would write it. */
public final class LineHandler extends StreamRequestHandler {
    /** Called by the server for each connection. */
    public LineHandler() {}

    @Override
    public void handle() throws IOException {
        String line = readLine();
        if (line != null) {
            writeLine(line);
        }
    }
}
