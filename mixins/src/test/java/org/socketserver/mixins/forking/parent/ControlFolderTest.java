package org.socketserver.mixins.forking.parent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.socketserver.mixins.forking.wire.ControlChannel;

class ControlFolderTest {
    @Test
    void theFolderIsPrivateAndItsPathsAreUnique() throws Exception {
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
    void theFolderIsRemovedWithItsContents() throws Exception {
        ControlFolder folder = ControlFolder.make();
        Path left = Files.createFile(folder.next());
        folder.remove();
        assertFalse(Files.exists(left.getParent()));
        folder.remove();
    }

    @Test
    void aDeletedFolderIsCreatedAgain() throws Exception {
        ControlFolder folder = ControlFolder.make();
        try {
            Path first = folder.next();
            Files.delete(first.resolveSibling("socketserver.lock"));
            Files.delete(first.getParent());
            Path next = folder.next();
            assertTrue(Files.isDirectory(next.getParent()));
            assertNotEquals(first.getParent(), next.getParent());
        } finally {
            folder.remove();
        }
    }

    @Test
    void onlyTheFolderOfAKilledProcessIsRemovedByTheNext() throws Exception {
        ControlFolder own = ControlFolder.make();
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FolderHolder.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            Path left = Path.of(other.inputReader().readLine());
            Files.createFile(left);
            ControlFolder.make().remove();
            assertTrue(Files.exists(left), "its process runs");
            assertTrue(Files.isDirectory(own.next().getParent()), "its own folder");
            other.destroyForcibly().waitFor();
            ControlFolder.make().remove();
            assertFalse(Files.exists(left.getParent()), "its process was killed");
            assertTrue(Files.isDirectory(own.next().getParent()), "its own folder");
        } finally {
            other.destroyForcibly();
            own.remove();
        }
    }

    /** Makes a folder look like that of a crashed server. */
    private static Path abandoned(Path folder) throws IOException {
        Files.createFile(folder.resolve("socketserver.lock"));
        return Files.createFile(folder.resolve("left"));
    }

    private static Path folderBeside(String name) {
        return Path.of(
                System.getProperty("java.io.tmpdir"),
                name + ProcessHandle.current().pid());
    }

    @Test
    void theTargetOfASymbolicLinkIsKept(@TempDir Path elsewhere) throws Exception {
        Path left = abandoned(elsewhere);
        Path link = Files.createSymbolicLink(folderBeside("socketserver-1"), elsewhere);
        try {
            ControlFolder.make().remove();
            assertTrue(Files.exists(left));
            assertTrue(Files.isSymbolicLink(link));
        } finally {
            Files.delete(link);
        }
    }

    @Test
    void aFolderWithoutALockFileIsKept() throws Exception {
        Path folder = Files.createDirectory(folderBeside("socketserver-2"));
        try {
            ControlFolder.make().remove();
            assertTrue(Files.exists(folder));
        } finally {
            Files.delete(folder);
        }
    }

    @Test
    void theFolderOfAnotherUserIsKept() throws Exception {
        Path folder = Files.createDirectory(folderBeside("socketserver-3"));
        Path left = abandoned(folder);
        try {
            try {
                Files.setAttribute(folder, "unix:uid", 65_534);
            } catch (IOException notRoot) {
                abort("only root can change the owner of a folder: " + notRoot);
            }
            ControlFolder.make().remove();
            assertTrue(Files.exists(left));
            Files.setAttribute(folder, "unix:uid", 0);
            ControlFolder.make().remove();
            assertFalse(Files.exists(folder));
        } finally {
            if (Files.exists(folder)) {
                Files.delete(left);
                Files.delete(folder.resolve("socketserver.lock"));
                Files.delete(folder);
            }
        }
    }

    @Test
    void closingAControlSocketEndsAnAcceptAndRemovesTheFile() throws Exception {
        ControlFolder folder = ControlFolder.make();
        Path path = folder.next();
        ControlSocket socket = ControlSocket.at(path);
        try (socket) {
            assertEquals(path, socket.path());
            try (SocketChannel visitor = SocketChannel.open(UnixDomainSocketAddress.of(path));
                    SocketChannel accepted = socket.accept();
                    ControlChannel control = ControlChannel.over(accepted)) {
                visitor.write(ByteBuffer.wrap(new byte[] {1}));
                visitor.shutdownOutput();
                assertThrows(EOFException.class, control::receive);
            }
            CompletableFuture<Object> waiting = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    waiting.complete(socket.accept());
                } catch (IOException closed) {
                    waiting.completeExceptionally(closed);
                }
            });
            thread.start();
            socket.close();
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
    void aControlSocketDoesNotReplaceAFile() throws Exception {
        ControlFolder folder = ControlFolder.make();
        Path path = Files.createFile(folder.next());
        assertThrows(IOException.class, () -> ControlSocket.at(path));
        assertTrue(Files.exists(path), "not its own file");
        folder.remove();
    }
}
