package org.socketserver.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * A recording of the framework's events, of any duration.
 *
 * <p>Java 17 writes a text of 17 to 127 characters as a reference if it has been written before. The reference is null
 * in a later recording, unless a thread that has written events before the recording writes one first, because that
 * resets the JDK's pool of texts. So each recording begins with an event of the thread that starts it.
 */
final class Recorder implements AutoCloseable {
    static final List<String> EVENTS = List.of("org.socketserver.Request", "org.socketserver.AcceptFailure");

    private final Recording recording;

    private Recorder(Recording recording) {
        this.recording = recording;
        recording.start();
        new Begun().commit();
    }

    static Recorder begin() {
        Recording recording = new Recording();
        EVENTS.forEach(event -> recording.enable(event).withThreshold(Duration.ZERO));
        return new Recorder(recording);
    }

    static Recorder with(Recording recording) {
        return new Recorder(recording);
    }

    /** Stops the recording and returns the events of one name, ordered by time. */
    List<RecordedEvent> events(String name) throws IOException {
        if (recording.getState() == RecordingState.RUNNING) {
            recording.stop();
        }
        Path file = Files.createTempFile("recording", ".jfr");
        try {
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().equals(name))
                    .toList();
        } finally {
            Files.delete(file);
        }
    }

    /** The first event of a recording. */
    @Name("tests.Begun")
    private static final class Begun extends Event {}

    @Override
    public void close() {
        recording.close();
    }
}
