package org.socketserver.examples.cli;

import java.io.IOException;
import org.socketserver.mixins.StreamRequestHandler;

/** Every line is a number of milliseconds or empty: waits for that time, then answers with the process id. */
public final class PidAndSleep extends StreamRequestHandler {
    @Override
    public void handle() throws IOException, InterruptedException {
        for (String line = readLine(); line != null; line = readLine()) {
            if (!line.isEmpty()) {
                Thread.sleep(Long.parseLong(line));
            }
            writeLine(Long.toString(ProcessHandle.current().pid()));
        }
    }
}
