package org.socketserver.examples.cli;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.socketserver.mixins.StreamRequestHandler;

/** Shuts its server down when told {@code shutdown}; leaves a shutdown hook that never ends when told {@code hang}. */
public final class Ending extends StreamRequestHandler {
    @Override
    public void handle() throws IOException {
        String line = String.valueOf(readLine());
        if (line.equals("shutdown")) {
            server().shutdown();
        } else {
            Runtime.getRuntime().addShutdownHook(new Thread(Ending::hang));
        }
        writeLine(line);
    }

    private static void hang() {
        while (true) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException goOn) {
                // That is what this hook does.
            }
        }
    }
}
