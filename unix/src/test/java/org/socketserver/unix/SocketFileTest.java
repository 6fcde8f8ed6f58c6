package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;

/** The rules for socket files, which are the same for both kinds of servers. */
class SocketFileTest {
    @TempDir
    private Path folder;

    /** The kinds of servers. */
    enum Kind {
        STREAM {
            @Override
            BaseServer<?> server(Path path, ServerOptions options) {
                return new UnixStreamServer(
                        UnixAddress.path(path),
                        HandlerSource.ofFunction(request -> request.output().write('!')),
                        options);
            }

            @Override
            boolean isReachable(Path path) {
                try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                    return channel.isConnected();
                } catch (IOException refused) {
                    return false;
                }
            }
        },
        DATAGRAM {
            @Override
            BaseServer<?> server(Path path, ServerOptions options) {
                return new UnixDatagramServer(UnixAddress.path(path), HandlerSource.ofFunction(request -> {}), options);
            }

            @Override
            boolean isReachable(Path path) {
                try (AFUNIXDatagramChannel channel = AFUNIXDatagramChannel.open()) {
                    channel.connect(UnixAddress.path(path).forLibrary());
                    return true;
                } catch (IOException refused) {
                    return false;
                }
            }
        };

        abstract BaseServer<?> server(Path path, ServerOptions options);

        abstract boolean isReachable(Path path);

        BaseServer<?> server(Path path) {
            return server(path, ServerOptions.DEFAULTS);
        }

        String transport() {
            return this == STREAM ? "unix" : "unix-datagram";
        }

        /** Asserts that binding fails, and returns the message without the address. */
        String refusal(Path path, ServerOptions options) {
            try (BaseServer<?> server = server(path, options)) {
                String message = assertThrows(BindException.class, server::bind).getMessage();
                String expected = "can't serve on " + transport() + " " + path + ": ";
                assertTrue(message.startsWith(expected), message);
                return message.substring(expected.length());
            }
        }

        String refusal(Path path) {
            return refusal(path, ServerOptions.DEFAULTS);
        }
    }

    private static void makeStale(Path path) throws IOException {
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(path));
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static ServerOptions mode(String mode) {
        return ServerOptions.DEFAULTS.socketFileMode(PosixFilePermissions.fromString(mode));
    }

    @ParameterizedTest
    @EnumSource
    void bindCreatesTheFileAndCloseRemovesIt(Kind kind) throws IOException {
        Path path = folder.resolve("s");
        try (BaseServer<?> server = kind.server(path)) {
            assertFalse(Files.exists(path));
            server.bind();
            assertTrue(kind.isReachable(path));
            assertEquals(List.of(path), files());
        }
        assertEquals(List.of(), files());
    }

    @ParameterizedTest
    @EnumSource
    void aStaleSocketIsReplaced(Kind kind) throws IOException {
        Path path = folder.resolve("s");
        makeStale(path);
        try (BaseServer<?> server = kind.server(path)) {
            server.bind();
            assertTrue(kind.isReachable(path));
        }
        assertEquals(List.of(), files());
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedThreadReplacesAStaleSocket(Kind kind) throws IOException {
        Path path = folder.resolve("s");
        makeStale(path);
        try (BaseServer<?> server = kind.server(path)) {
            Thread.currentThread().interrupt();
            server.bind();
            assertTrue(Thread.interrupted());
            assertTrue(kind.isReachable(path));
        } finally {
            Thread.interrupted();
        }
        assertEquals(List.of(), files());
    }

    @Test
    void anOldSocketFileIsProbedOnlyOnce() throws IOException {
        Path path = folder.resolve("s");
        makeStale(path);
        SocketFile.makeRoom(path, Duration.ZERO, () -> fail("waits"));
        assertEquals(List.of(), files());
    }

    @ParameterizedTest
    @EnumSource
    void aLiveStreamSocketIsInUse(Kind kind) throws IOException {
        Path path = folder.resolve("s");
        try (ServerSocketChannel live = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            live.bind(UnixDomainSocketAddress.of(path));
            assertEquals("Address already in use (a server answers there)", kind.refusal(path));
            assertTrue(Files.exists(path));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLiveDatagramSocketIsInUse(Kind kind) throws IOException {
        Path path = folder.resolve("s");
        try (BaseServer<?> live = Kind.DATAGRAM.server(path)) {
            live.bind();
            assertEquals("Address already in use (Protocol wrong type for socket)", kind.refusal(path));
            assertTrue(Kind.DATAGRAM.isReachable(path));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theAddressOfAServerWithAFullQueueIsInUse(Kind kind) throws IOException {
        Path path = folder.resolve("s");
        List<SocketChannel> waiting = new ArrayList<>();
        try (ServerSocketChannel live = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            live.bind(UnixDomainSocketAddress.of(path), 1);
            boolean room = true;
            while (room) {
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                waiting.add(channel);
                channel.configureBlocking(false);
                try {
                    room = channel.connect(UnixDomainSocketAddress.of(path));
                } catch (IOException full) {
                    room = false;
                }
            }
            String refusal = kind.refusal(path);
            assertTrue(refusal.startsWith("Address already in use ("), refusal);
            assertTrue(Files.exists(path));
        }
        for (SocketChannel channel : waiting) {
            channel.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatIsNotASocketIsKept(Kind kind) throws IOException {
        String expected = "a file that is not a socket is in the way and was not changed";
        Path file = Files.writeString(folder.resolve("f"), "precious");
        assertEquals(expected, kind.refusal(file));
        assertEquals(expected, kind.refusal(file, mode("rw-------")));
        assertEquals("precious", Files.readString(file));

        Path directory = Files.createDirectory(folder.resolve("d"));
        assertEquals(expected, kind.refusal(directory));
        assertTrue(Files.isDirectory(directory));

        makeStale(folder.resolve("stale"));
        Path link = Files.createSymbolicLink(folder.resolve("l"), folder.resolve("stale"));
        assertEquals(expected, kind.refusal(link));
        assertTrue(Files.isSymbolicLink(link));
        assertTrue(Files.exists(folder.resolve("stale"), LinkOption.NOFOLLOW_LINKS));
    }

    @ParameterizedTest
    @EnumSource
    void aMissingFolderIsReportedWithItsName(Kind kind) throws IOException {
        Path missing = folder.resolve("missing");
        assertEquals("the folder " + missing + " does not exist", kind.refusal(missing.resolve("s")));
        assertEquals(
                "the folder " + missing + " does not exist", kind.refusal(missing.resolve("s"), mode("rw-------")));
        Path file = Files.createFile(folder.resolve("f"));
        assertEquals("the folder " + file + " is not a folder", kind.refusal(file.resolve("s")));
    }

    @ParameterizedTest
    @EnumSource
    void aFolderThatAcceptsNoFilesIsReportedWithTheSystemsMessage(Kind kind) {
        Assumptions.assumeTrue(Files.isDirectory(Path.of("/sys/kernel")), "no sysfs");
        Path path = Path.of("/sys/s");
        String refusal = kind.refusal(path);
        Set<String> expected = Set.of(
                "Operation not permitted",
                "no permission to create a file in the folder /sys",
                "Read-only file system");
        assertTrue(expected.contains(refusal), refusal);
        String withMode = kind.refusal(path, mode("rw-------"));
        assertTrue(expected.stream().anyMatch(words -> withMode.startsWith(words)), withMode);
    }

    @ParameterizedTest
    @EnumSource
    void aFolderWithoutWritePermissionIsReportedWithItsName(Kind kind) throws IOException {
        Assumptions.assumeFalse("root".equals(System.getProperty("user.name")), "root can write everywhere");
        Path locked = Files.createDirectory(folder.resolve("locked"));
        makeStale(locked.resolve("stale"));
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-x------"));
        try {
            assertEquals("no permission to create a file in the folder " + locked, kind.refusal(locked.resolve("s")));
            assertEquals(
                    "a stale socket file is in the way and can't be removed: Permission denied",
                    kind.refusal(locked.resolve("stale")));
        } finally {
            Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void failuresOfTheSystemAreExplained() {
        Path path = Path.of("/run/s");
        String denied = "no permission to create a file in the folder /run";
        assertEquals(
                denied,
                SocketFile.unbound(path, new SocketException("Permission denied"))
                        .getMessage());
        assertEquals(
                denied,
                SocketFile.unbound(path, new AccessDeniedException("/run/.abc")).getMessage());
        assertEquals(
                "Address already in use (another server has just taken it)",
                SocketFile.unbound(path, new FileAlreadyExistsException("/run/s"))
                        .getMessage());
        assertEquals(
                "No space left on device: /run/.abc",
                SocketFile.unbound(path, new FileSystemException("/run/.abc", null, "No space left on device"))
                        .getMessage());
        IOException other = new IOException("Too many open files");
        assertSame(other, SocketFile.unbound(path, other));
        IOException inUse = new BindException("Address already in use (Permission denied)");
        assertSame(inUse, SocketFile.unbound(path, inUse));
    }

    @Test
    void aFileThatIsRemovedDuringItsCreationIsAFailure() {
        Path path = folder.resolve("s");
        assertEquals(
                "the socket file was removed as soon as it was created",
                assertThrows(IOException.class, () -> SocketFile.of(path, path)).getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void closeKeepsAFileThatReplacedTheServersOwn(Kind kind) throws IOException {
        Path path = folder.resolve("s");
        try (BaseServer<?> server = kind.server(path)) {
            server.bind();
            Files.delete(path);
            Files.writeString(path, "mine");
        }
        assertEquals("mine", Files.readString(path));
        Files.delete(path);
        try (BaseServer<?> server = kind.server(path)) {
            server.bind();
            Files.delete(path);
            makeStale(path);
        }
        assertTrue(Files.exists(path, LinkOption.NOFOLLOW_LINKS));
        Files.delete(path);
        try (BaseServer<?> server = kind.server(path)) {
            server.bind();
            Files.delete(path);
        }
        assertEquals(List.of(), files());
    }

    @ParameterizedTest
    @EnumSource
    void aRelativePathIsResolvedInTheWorkingDirectory(Kind kind) throws IOException {
        Path path = Path.of("target-" + ProcessHandle.current().pid() + ".sock");
        try (BaseServer<?> server = kind.server(path, mode("rw-------"))) {
            server.bind();
            assertTrue(kind.isReachable(path));
            assertEquals(UnixAddress.path(path), server.address());
        }
        assertFalse(Files.exists(path));
    }

    @ParameterizedTest
    @EnumSource
    void theFileHasTheGivenPermissions(Kind kind) throws IOException {
        Path path = folder.resolve("s");
        for (String mode : new String[] {"rw-------", "rw-rw-rw-", "rwxrwxrwx", "-w--w----"}) {
            try (BaseServer<?> server = kind.server(path, mode(mode))) {
                server.bind();
                assertEquals(mode, PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
                assertTrue(kind.isReachable(path));
                assertEquals(List.of(path), files());
            }
            assertEquals(List.of(), files());
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutAModeThePermissionsAreSetByTheUmask(Kind kind) throws IOException {
        Set<PosixFilePermission> left = Files.getPosixFilePermissions(Files.createDirectory(folder.resolve("d")));
        Path path = folder.resolve("s");
        try (BaseServer<?> server = kind.server(path)) {
            server.bind();
            assertEquals(left, Files.getPosixFilePermissions(path));
        }
    }

    @ParameterizedTest
    @EnumSource
    void nobodyCanConnectBeforeTheFileHasItsPermissions(Kind kind) throws Exception {
        Assumptions.assumeTrue(System.getProperty("os.name").equals("Linux"), "only Linux can block datagrams");
        int rounds = 50;
        // Tries to connect in a loop, and prints the permissions as soon as it succeeds.
        Process eager = Peers.startPython(
                "import os, socket, sys\n"
                        + "for round in range(" + rounds + "):\n"
                        + "    path = sys.argv[1] + str(round)\n"
                        + "    s = socket.socket(socket.AF_UNIX, socket."
                        + (kind == Kind.STREAM ? "SOCK_STREAM" : "SOCK_DGRAM")
                        + ")\n"
                        + "    print('trying', flush=True)\n"
                        + "    while True:\n"
                        + "        try:\n"
                        + "            s." + (kind == Kind.STREAM ? "connect(path)" : "sendto(b'x', path)") + "\n"
                        + "            break\n"
                        + "        except OSError:\n"
                        + "            pass\n"
                        + "    print(oct(os.stat(path).st_mode & 0o777), flush=True)\n",
                folder.resolve("s"));
        try (BufferedReader output = eager.inputReader()) {
            for (int round = 0; round < rounds; round++) {
                assertEquals("trying", output.readLine());
                try (BaseServer<?> server = kind.server(folder.resolve("s" + round), mode("rw-r-x---"))) {
                    server.bind();
                    assertEquals("0o650", output.readLine());
                }
            }
        } finally {
            eager.destroyForcibly();
        }
    }

    @Test
    void aModeNeedsAPathThatLeavesRoomForTheTemporaryName() throws IOException {
        int limit = UnixAddress.MAX_SERVER_PATH;
        Path deep = folder.resolve("d".repeat(limit - 4 - folder.toString().length()));
        Files.createDirectory(deep);
        Path path = deep.resolve("s");
        assertEquals(limit - 1, path.toString().length());
        String refusal = Kind.STREAM.refusal(path, mode("rw-------"));
        assertTrue(
                refusal.startsWith(
                        "to set its mode, the socket file is first created under another name, and " + deep + "/."),
                refusal);
        assertTrue(refusal.endsWith(" has " + (limit + 4) + " bytes; a Unix socket allows at most " + limit), refusal);
        assertEquals(List.of(deep), files());
        try (BaseServer<?> server = Kind.STREAM.server(path)) {
            server.bind();
            assertTrue(Kind.STREAM.isReachable(path));
        }
        try (BaseServer<?> server = Kind.DATAGRAM.server(path, mode("rw-------"))) {
            server.bind();
            assertTrue(Kind.DATAGRAM.isReachable(path));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theLongestAcceptedPathCanBeServed(Kind kind) throws IOException {
        int rest = UnixAddress.MAX_SERVER_PATH - folder.toString().length() - 1;
        Path path = folder.resolve("x".repeat(rest));
        for (ServerOptions options : List.of(ServerOptions.DEFAULTS, mode("rw-------"))) {
            try (BaseServer<?> server = kind.server(path, options)) {
                server.bind();
                assertTrue(kind.isReachable(path));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void exactlyOneOfSeveralServersReplacesAStaleSocket(Kind kind) throws Exception {
        Path path = folder.resolve("s");
        int racers = 4;
        ExecutorService pool = Executors.newFixedThreadPool(racers);
        try {
            for (int round = 0; round < 20; round++) {
                makeStale(path);
                CyclicBarrier start = new CyclicBarrier(racers);
                List<BaseServer<?>> servers = new ArrayList<>();
                List<Future<Boolean>> bound = new ArrayList<>();
                for (int i = 0; i < racers; i++) {
                    BaseServer<?> server = kind.server(path);
                    servers.add(server);
                    bound.add(pool.submit(() -> {
                        start.await();
                        try {
                            server.bind();
                            return true;
                        } catch (BindException inUse) {
                            assertTrue(inUse.getMessage().contains("Address already in use"), inUse.getMessage());
                            return false;
                        }
                    }));
                }
                int winners = 0;
                for (Future<Boolean> won : bound) {
                    winners += won.get() ? 1 : 0;
                }
                assertEquals(1, winners);
                assertTrue(kind.isReachable(path));
                servers.forEach(BaseServer::close);
                assertEquals(List.of(), files());
            }
        } finally {
            pool.shutdownNow();
        }
    }

    /** Makes room for a socket file, and runs an action between the first and the last probe. */
    private static void makeRoom(Path path, Executable meanwhile) throws IOException {
        SocketFile.makeRoom(path, Duration.ofHours(1), () -> assertDoesNotThrow(meanwhile));
    }

    @Test
    void aStaleSocketThatAnotherServerReplacesMeanwhileIsInUse() throws IOException {
        Path path = folder.resolve("s");
        makeStale(path);
        BindException refused = assertThrows(
                BindException.class,
                () -> makeRoom(path, () -> {
                    // Created before the other is removed, so that it has another inode.
                    makeStale(folder.resolve("other"));
                    Files.move(folder.resolve("other"), path, StandardCopyOption.REPLACE_EXISTING);
                }));
        assertEquals("Address already in use (another server has just taken it)", refused.getMessage());
        assertEquals(List.of(path), files());
    }

    @Test
    void aStaleSocketThatIsRemovedMeanwhileIsNoFailure() throws IOException {
        Path path = folder.resolve("s");
        makeStale(path);
        makeRoom(path, () -> Files.delete(path));
        assertEquals(List.of(), files());
    }

    @Test
    void aBoundServerThatDoesNotListenYetIsAlive() throws Exception {
        Path path = folder.resolve("s");
        Process slow = Peers.startPython(
                "import socket, sys\n"
                        + "s = socket.socket(socket.AF_UNIX)\n"
                        + "s.bind(sys.argv[1])\n"
                        + "print('bound', flush=True)\n"
                        + "sys.stdin.readline()\n"
                        + "s.listen(5)\n"
                        + "print('listening', flush=True)\n"
                        + "sys.stdin.read()\n",
                path);
        try (BufferedReader output = slow.inputReader();
                BufferedWriter input = slow.outputWriter()) {
            assertEquals("bound", output.readLine());
            BindException refused = assertThrows(
                    BindException.class,
                    () -> makeRoom(path, () -> {
                        input.newLine();
                        input.flush();
                        assertEquals("listening", output.readLine());
                    }));
            assertEquals("Address already in use (a server answers there)", refused.getMessage());
            assertTrue(Files.exists(path));
        } finally {
            slow.destroyForcibly();
        }
    }

    @Test
    void theQueueOfANewDatagramSocketIsEmpty() throws IOException {
        try (BaseServer<?> server = Kind.DATAGRAM.server(folder.resolve("s"))) {
            assertFalse(server.handleRequest(Duration.ZERO));
        }
    }
}
