package org.socketserver.examples.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.ParseException;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/**
 * Records the events of the framework, and those of the JDK that its default profile has, into a file.
 *
 * <p>Written at the end; and, if the JVM ends otherwise, by a hook of the Flight Recorder.
 */
final class FlightRecording implements Companion {
    /** What a long run keeps at most, in bytes; the oldest is dropped. In the temporary folder until the end. */
    private static final long MAX_SIZE = 256 << 20;

    private final Path file;
    private @Nullable Recording recording;

    FlightRecording(Path file) {
        this.file = file;
    }

    /** An existing file is replaced now, so that one that can't be written is found at once. */
    @Override
    public void begin() throws IOException {
        Recording begun = created();
        try {
            begun.setName("socketserver");
            begun.setMaxSize(MAX_SIZE);
            begun.setDumpOnExit(true);
            begun.setDestination(file);
            begun.start();
            recording = begun;
        } catch (IOException failure) {
            throw new IOException(
                    "Invalid value for option '--jfr': can't write " + file + ": " + why(failure), failure);
        } finally {
            if (recording == null) {
                begun.close();
            }
        }
    }

    @Override
    public void end() throws IOException {
        Recording begun = recording;
        if (begun != null) {
            try (begun) {
                // A stop that writes by itself would tell of a failure in the log only.
                begun.setDestination(null);
                begun.stop();
                begun.dump(file);
            } catch (IOException failure) {
                throw new IOException("the recording is lost: can't write " + file + ": " + why(failure), failure);
            }
        }
    }

    @Override
    public String result() {
        return "the recording " + file;
    }

    private static Recording created() throws IOException {
        try {
            return new Recording(profile());
        } catch (IllegalStateException unusable) {
            throw new IOException("--jfr needs the Flight Recorder: " + unusable.getMessage(), unusable);
        }
    }

    /** The JDK's profile of less than 1 % overhead; it leaves the events of others as they are, and ours are on. */
    private static Configuration profile() throws IOException {
        try {
            return Configuration.getConfiguration("default");
        } catch (ParseException broken) {
            throw new IOException("this Java's default profile of the Flight Recorder is broken", broken);
        }
    }

    private static String why(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "its folder does not exist";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        String reason = failure instanceof FileSystemException told ? told.getReason() : failure.getMessage();
        return reason == null ? failure.toString() : reason;
    }
}
