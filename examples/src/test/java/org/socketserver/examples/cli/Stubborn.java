package org.socketserver.examples.cli;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.socketserver.mixins.StreamRequestHandler;

/** Answers one line, then never returns, even if it is interrupted or its connection is closed. */
public final class Stubborn extends StreamRequestHandler {
    private final CountDownLatch never = new CountDownLatch(1);

    @Override
    public void handle() throws IOException {
        writeLine(String.valueOf(readLine()));
        while (true) {
            try {
                never.await();
            } catch (InterruptedException ignored) {
                // Keeps waiting.
            }
        }
    }
}
