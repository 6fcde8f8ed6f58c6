package org.socketserver.examples.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.ParseException;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/**
 * Records the events of the framework and of the JDK's default profile (less than 1 % overhead). The file is written at
 * the end, or by the Flight Recorder's shutdown hook if the JVM exits early.
 */
final class FlightRecording implements ServeRun.Companion {
    private final Path file;
    private @Nullable Recording recording;

    FlightRecording(Path file) {
        this.file = file;
    }

    /** Starts recording. Replaces an existing file at once, so that a file that cannot be written is detected. */
    @Override
    public void begin() throws IOException {
        try {
            Recording begun = new Recording(Configuration.getConfiguration("default"));
            recording = begun;
            begun.setName("socketserver");
            // Kept in the temporary folder until the end; the oldest events are dropped.
            begun.setMaxSize(256 << 20);
            begun.setDumpOnExit(true);
            begun.setDestination(file);
            begun.start();
        } catch (IllegalStateException | ParseException unusable) {
            throw new IOException("--jfr needs the Flight Recorder: " + unusable.getMessage(), unusable);
        } catch (IOException failure) {
            if (recording != null) {
                recording.close();
            }
            throw new IOException("Invalid value for option '--jfr': " + cantWrite(failure), failure);
        }
    }

    @Override
    public void end() throws IOException {
        if (recording != null) {
            try (Recording begun = recording) {
                // With a destination, stop() would write the file and only log a failure.
                begun.setDestination(null);
                begun.stop();
                begun.dump(file);
            } catch (IOException failure) {
                throw new IOException("the recording is lost: " + cantWrite(failure), failure);
            }
        }
    }

    @Override
    public String result() {
        return "the recording " + file;
    }

    private String cantWrite(IOException failure) {
        Object why = failure instanceof NoSuchFileException
                ? "its folder does not exist"
                : failure instanceof FileSystemException about && about.getReason() != null
                        ? about.getReason()
                        : failure;
        return "can't write " + file + ": " + why;
    }
}
