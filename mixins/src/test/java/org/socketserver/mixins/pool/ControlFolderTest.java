package org.socketserver.mixins.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.mixins.descriptor.DescriptorPassing;
import org.socketserver.mixins.wire.ControlChannel;

class ControlFolderTest {
    @Test
    void onlyTheUserCanReachItAndNoNameIsUsedTwice() throws Exception {
        ControlFolder folder = ControlFolder.make();
        try {
            Path first = folder.next();
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(first.getParent())));
            Path second = folder.next();
            assertEquals(first.getParent(), second.getParent());
            assertNotEquals(first, second);
        } finally {
            folder.remove();
        }
    }

    @Test
    void itIsRemovedWithWhatIsLeftInIt() throws Exception {
        ControlFolder folder = ControlFolder.make();
        Path left = Files.createFile(folder.next());
        folder.remove();
        assertFalse(Files.exists(left.getParent()));
        folder.remove();
    }

    @Test
    void aFolderThatSomebodyHasTidiedAwayIsMadeAnew() throws Exception {
        ControlFolder folder = ControlFolder.make();
        try {
            Path first = folder.next();
            Files.delete(first.getParent());
            Path next = folder.next();
            assertTrue(Files.isDirectory(next.getParent()));
            assertNotEquals(first.getParent(), next.getParent());
        } finally {
            folder.remove();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMeetingLeavesNothingBehindAndItsEndWakesWhoWaits(boolean descriptors) throws Exception {
        if (descriptors && DescriptorPassing.obstacle().isPresent()) {
            return;
        }
        ControlFolder folder = ControlFolder.make();
        Path path = folder.next();
        Meeting meeting = Meeting.at(path, descriptors);
        try (meeting) {
            assertEquals(path, meeting.path());
            try (SocketChannel visitor = SocketChannel.open(UnixDomainSocketAddress.of(path));
                    ControlChannel met = new ControlChannel(meeting.accept())) {
                visitor.write(java.nio.ByteBuffer.wrap(new byte[] {1}));
                visitor.shutdownOutput();
                assertThrows(EOFException.class, met::receive);
            }
            CompletableFuture<Object> waiting = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    waiting.complete(meeting.accept());
                } catch (IOException closed) {
                    waiting.completeExceptionally(closed);
                }
            });
            thread.start();
            meeting.close();
            Throwable cause =
                    assertThrows(ExecutionException.class, waiting::get).getCause();
            assertTrue(cause instanceof ClosedChannelException, cause::toString);
            thread.join();
        }
        assertFalse(Files.exists(path));
        folder.remove();
        assertFalse(Files.exists(path.getParent()));
    }

    @Test
    void aMeetingWhereSomethingIsAlreadyIsRefused() throws Exception {
        ControlFolder folder = ControlFolder.make();
        Path path = Files.createFile(folder.next());
        assertThrows(IOException.class, () -> Meeting.at(path, false));
        assertTrue(Files.exists(path), "it is somebody else's");
        folder.remove();
    }
}
