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
 * Records the events of the framework, and those of the JDK's default profile (less than 1 % overhead), into a file. It
 * is written at the end; and, if the JVM ends otherwise, by a hook of the Flight Recorder.
 */
final class FlightRecording implements ServeRun.Companion {
    private final Path file;
    private @Nullable Recording recording;

    FlightRecording(Path file) {
        this.file = file;
    }

    /** An existing file is replaced now, so that one that can't be written is found at once. */
    @Override
    public void begin() throws IOException {
        try {
            Recording begun = new Recording(Configuration.getConfiguration("default"));
            recording = begun;
            begun.setName("socketserver");
            // The oldest is dropped. In the temporary folder until the end.
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
                // A stop that writes by itself would report a failure in the log only.
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
