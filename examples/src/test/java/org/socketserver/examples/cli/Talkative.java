package org.socketserver.examples.cli;

import java.io.IOException;
import org.socketserver.mixins.StreamRequestHandler;

/** Writes a line to standard output and to standard error, and answers with the process id. */
public final class Talkative extends StreamRequestHandler {
    @Override
    public void handle() throws IOException {
        String line = readLine();
        System.out.println("printed " + line);
        System.err.println("complained of " + line);
        writeLine(Long.toString(ProcessHandle.current().pid()));
    }
}
