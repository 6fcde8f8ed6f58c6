package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.socketserver.api.BaseServer;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;

/** The rules for socket files, which are the same for both kinds of server. */
class SocketFileRulesTest {
    @RegisterExtension
    final SocketFolder folder = new SocketFolder();

    enum Kind {
        STREAM("unix") {
            @Override
            BaseServer<?> server(Path path, ServerOptions options) {
                return new UnixStreamServer(UnixAddress.path(path), HandlerSource.ofFunction(request -> {}), options);
            }
        },
        DATAGRAM("unix-datagram") {
            @Override
            BaseServer<?> server(Path path, ServerOptions options) {
                return new UnixDatagramServer(UnixAddress.path(path), HandlerSource.ofFunction(request -> {}), options);
            }
        };

        final String word;

        Kind(String word) {
            this.word = word;
        }

        abstract BaseServer<?> server(Path path, ServerOptions options);

        BaseServer<?> server(Path path) {
            return server(path, ServerOptions.DEFAULTS);
        }
    }

    private static String refusal(BaseServer<?> server) {
        try (server) {
            return assertThrows(BindException.class, server::bind).getMessage();
        }
    }

    private static void assertIsSocket(Path path) throws IOException {
        assertEquals(0xc000, (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0xf000);
    }

    @ParameterizedTest
    @EnumSource
    void theFileIsThereWhileTheServerIsAndGoneAfterwards(Kind kind) throws IOException {
        Path path = folder.path("s");
        try (BaseServer<?> server = kind.server(path)) {
            server.bind();
            assertIsSocket(path);
            assertEquals(path.toString(), server.address().toString());
        }
        assertEquals(List.of(), folder.names());
    }

    @ParameterizedTest
    @EnumSource
    void aStaleSocketFileIsReplaced(Kind kind) throws IOException {
        Path path = folder.path("s");
        try (ServerSocketChannel crashed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            crashed.bind(UnixDomainSocketAddress.of(path));
        }
        assertIsSocket(path);
        try (BaseServer<?> server = kind.server(path)) {
            server.bind();
        }
        assertFalse(Files.exists(path));
    }

    @ParameterizedTest
    @EnumSource
    void aLiveSocketOfEitherKindIsLeftAlone(Kind kind) throws IOException {
        for (Kind other : Kind.values()) {
            Path path = folder.path(other.word);
            try (BaseServer<?> live = other.server(path)) {
                live.bind();
                String message = refusal(kind.server(path));
                assertTrue(
                        message.startsWith("can't serve on " + kind.word + " " + path + ": Address already in use ("),
                        message);
                assertIsSocket(path);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatIsNoSocketIsNeverTouched(Kind kind) throws IOException {
        Path file = Files.writeString(folder.path("f"), "precious");
        Path link = Files.createSymbolicLink(folder.path("l"), file);
        for (Path path : List.of(file, link)) {
            assertEquals(
                    "can't serve on " + kind.word + " " + path
                            + ": a file that is no socket is in the way, and was left alone",
                    refusal(kind.server(path)));
        }
        assertEquals("precious", Files.readString(link));
    }

    @ParameterizedTest
    @EnumSource
    void aMissingFolderIsNamed(Kind kind) throws IOException {
        Path path = folder.path("none").resolve("s");
        assertEquals(
                "can't serve on " + kind.word + " " + path + ": the folder " + folder.path("none") + " does not exist",
                refusal(kind.server(path)));
        Path file = Files.createFile(folder.path("f"));
        assertEquals(
                "can't serve on " + kind.word + " " + file + "/s: the folder " + file + " is no folder",
                refusal(kind.server(file.resolve("s"))));
    }

    @ParameterizedTest
    @EnumSource
    void aLackOfPermissionIsNamed(Kind kind) throws IOException {
        assumeFalse(Files.isWritable(Path.of("/proc")) && !isRoot(), "needs a folder that nobody can write to");
        Path path = Path.of("/proc/s");
        for (ServerOptions options : List.of(ServerOptions.DEFAULTS, mode("rw-------"))) {
            String message = refusal(kind.server(path, options));
            assertTrue(message.startsWith("can't serve on " + kind.word + " /proc/s: "), message);
        }
    }

    private static boolean isRoot() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    }

    private static ServerOptions mode(String mode) {
        return ServerOptions.builder()
                .socketFileMode(PosixFilePermissions.fromString(mode))
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void theFileHasTheModeThatWasAskedForAndNothingElseIsLeft(Kind kind) throws IOException {
        Path path = folder.path("s");
        for (String mode : List.of("rw-rw----", "rwx------", "rw-rw-rw-")) {
            try (BaseServer<?> server = kind.server(path, mode(mode))) {
                server.bind();
                assertIsSocket(path);
                assertEquals(mode, PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
                assertEquals(List.of("s"), folder.names());
            }
            assertEquals(List.of(), folder.names());
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutAModeTheUmaskDecides(Kind kind) throws IOException {
        Path path = folder.path("s");
        Path like = Files.createDirectory(folder.path("d"));
        try (BaseServer<?> server = kind.server(path)) {
            server.bind();
            assertEquals(Files.getPosixFilePermissions(like), Files.getPosixFilePermissions(path));
        }
    }

    @Test
    void aPathThatIsTooLongToSetItsModeIsRefusedWithBothSizes() throws IOException {
        int room = 106 - folder.path().toString().length() - 1;
        Path path = folder.path("x".repeat(3));
        Path deep = Files.createDirectory(folder.path("d".repeat(room - 5)));
        try {
            String message = refusal(Kind.STREAM.server(deep.resolve("abcd"), mode("rw-------")));
            assertTrue(message.contains(" has 108 bytes; a Unix socket allows at most 106"), message);
            try (BaseServer<?> server = Kind.STREAM.server(deep.resolve("abcd"))) {
                server.bind();
            }
            try (BaseServer<?> server = Kind.STREAM.server(path, mode("rw-------"))) {
                server.bind();
            }
        } finally {
            try (Stream<Path> left = Files.list(deep)) {
                assertEquals(List.of(), left.toList());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatSomebodyElsePutThereIsNotRemoved(Kind kind) throws IOException {
        Path path = folder.path("s");
        try (BaseServer<?> server = kind.server(path)) {
            server.bind();
            Files.delete(path);
            Files.writeString(path, "mine");
        }
        assertEquals("mine", Files.readString(path));
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatIsGoneAlreadyDoesNotDisturbTheEnd(Kind kind) throws IOException {
        Path path = folder.path("s");
        BaseServer<?> server = kind.server(path);
        server.bind();
        Files.delete(path);
        server.close();
        assertEquals(List.of(), folder.names());
    }
}
