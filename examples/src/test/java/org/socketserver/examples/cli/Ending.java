package org.socketserver.examples.cli;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import org.socketserver.mixins.StreamRequestHandler;

/**
 * A handler that shuts down its server on the line {@code shutdown}, adds a shutdown hook that never returns on {@code
 * hang}, makes the end of a recording block forever on {@code record}, or needs more than the heap on {@code memory}.
 */
public final class Ending extends StreamRequestHandler {
    @Override
    public void handle() throws IOException {
        String line = String.valueOf(readLine());
        if (line.equals("shutdown")) {
            server().shutdown();
        } else if (line.equals("memory")) {
            line += new long[Integer.MAX_VALUE - 8].length;
        } else if (line.equals("record")) {
            FlightRecorder.addListener(new FlightRecorderListener() {
                @Override
                public void recordingStateChanged(Recording recording) {
                    if (recording.getState() == RecordingState.STOPPED) {
                        hang();
                    }
                }
            });
        } else {
            Runtime.getRuntime().addShutdownHook(new Thread(Ending::hang));
        }
        writeLine(line);
    }

    private static void hang() {
        while (true) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException ignored) {
                // Keeps waiting.
            }
        }
    }
}
