package org.socketserver.mixins.forking.parent;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.socketserver.mixins.WorkerStartException;

class FreeDescriptorsTest {
    private static final IOException NONE_FREE = new IOException("Too many open files");

    @Test
    void aShortageIsRecognizedByTheMessageOfTheSystem() {
        assertTrue(FreeDescriptors.isShortage(NONE_FREE));
        assertTrue(FreeDescriptors.isShortage(new IOException("error=23, Too many open files in system")));
        assertTrue(FreeDescriptors.isShortage(new FileSystemException("/tmp/x", null, "Too many open files")));
        assertTrue(FreeDescriptors.isShortage(new UncheckedIOException(NONE_FREE)));
        assertTrue(FreeDescriptors.isShortage(new WorkerStartException("it ended", NONE_FREE)));
    }

    @Test
    void aShortageInAWorkerIsNotAShortageOfThisProcess() {
        assertFalse(FreeDescriptors.isShortage(
                new WorkerStartException("it can't make handlers: java.io.IOException: Too many open files", null)));
        assertFalse(FreeDescriptors.isShortage(new IllegalStateException("Too many open files")));
        assertFalse(FreeDescriptors.isShortage(new IOException()));
    }

    @Test
    @Timeout(20)
    void causesCanFormACycle() {
        IOException first = new IOException("first");
        first.initCause(new IOException("second", first));
        assertFalse(FreeDescriptors.isShortage(first));
    }
}
