package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.StreamRequest;

class UnixAddressTest {
    private static String message(Runnable call) {
        return assertThrows(IllegalArgumentException.class, call::run).getMessage();
    }

    @Test
    void aPathIsNotNormalized() {
        UnixAddress address = UnixAddress.path(Path.of("/run/shout.sock"));
        assertEquals(Optional.of(Path.of("/run/shout.sock")), address.path());
        assertEquals(Optional.empty(), address.abstractName());
        assertEquals("/run/shout.sock", address.toString());
        assertEquals("shout.sock", UnixAddress.path(Path.of("shout.sock")).toString());
        assertEquals(address, UnixAddress.parse("/run/shout.sock"));
    }

    @Test
    void anAbstractNameIsWrittenWithAnAtSign() {
        UnixAddress address = UnixAddress.abstractName("shöut");
        assertEquals(Optional.of("shöut"), address.abstractName());
        assertEquals(Optional.empty(), address.path());
        assertEquals("@shöut", address.toString());
        assertEquals(address, UnixAddress.parse("@shöut"));
        assertNotEquals(address, UnixAddress.parse("./@shöut"));
        assertArrayEquals("\0shöut".getBytes(StandardCharsets.UTF_8), address.kernelName());
    }

    @Test
    void theUnnamedAddressHasNeitherPathNorName() {
        UnixAddress address = UnixAddress.unnamed();
        assertTrue(address.isUnnamed());
        assertEquals(Optional.empty(), address.path());
        assertEquals(Optional.empty(), address.abstractName());
        assertEquals("unnamed", address.toString());
    }

    @Test
    void addressesWithTheSameBytesAreEqual() throws Exception {
        UnixAddress address = UnixAddress.parse("@a\0b");
        assertEquals(address, UnixAddress.abstractName("a\0b"));
        assertEquals(address.hashCode(), UnixAddress.abstractName("a\0b").hashCode());
        assertNotEquals(address, UnixAddress.abstractName("a\0c"));
        assertNotEquals(address, "@a\0b");
        assertNotEquals(UnixAddress.parse("@x"), UnixAddress.parse("x"));

        var bytes = new ByteArrayOutputStream();
        try (var output = new ObjectOutputStream(bytes)) {
            output.writeObject(address);
        }
        try (var input = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertEquals(address, input.readObject());
        }
    }

    @Test
    void controlCharactersInANameAreEscaped() {
        assertEquals("@a\\u0000b\\u000a", UnixAddress.abstractName("a\0b\n").toString());
    }

    @Test
    void thePaddingOfAReceivedNameIsRemoved() {
        byte[] padded = new byte[108];
        padded[1] = 'x';
        assertEquals(UnixAddress.abstractName("x"), UnixAddress.ofKernel(padded));
        assertSame(UnixAddress.unnamed(), UnixAddress.ofKernel(new byte[108]));
        assertEquals(UnixAddress.parse("/p"), UnixAddress.ofKernel(new byte[] {'/', 'p', 0, 0}));
    }

    @Test
    void bytesThatAreNotTextArePreserved() {
        byte[] name = {0, (byte) 0xff, (byte) 0xfe};
        assertArrayEquals(name, UnixAddress.ofKernel(name).kernelName());
        byte[] path = {'/', (byte) 0xff};
        assertArrayEquals(path, UnixAddress.ofKernel(path).kernelName());
    }

    @Test
    void invalidAddressesAreRejected() throws Exception {
        assertEquals("the path is empty", message(() -> UnixAddress.path(Path.of(""))));
        assertEquals("the path is empty", message(() -> UnixAddress.parse("")));
        assertEquals("the abstract name is empty", message(() -> UnixAddress.parse("@")));
        assertEquals("the abstract name a\\u0000 ends with NUL", message(() -> UnixAddress.abstractName("a\0")));
        assertEquals(
                "the abstract name a\\ud800 can't be encoded in UTF-8", message(() -> UnixAddress.parse("@a\ud800")));
        assertThrows(InvalidPathException.class, () -> UnixAddress.parse("a\0b"));
        Path notText = Path.of(URI.create("file:///%FF"));
        assertEquals(
                "the path " + notText + " can't be encoded in " + UnixAddress.pathCharset(),
                message(() -> UnixAddress.path(notText)));
    }

    @Test
    void aPathOfAnotherFileSystemIsRejected(@TempDir Path folder) throws Exception {
        URI archive = URI.create("jar:" + folder.resolve("a.zip").toUri());
        try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
            assertEquals(
                    "the path /s does not belong to the default file system",
                    message(() -> UnixAddress.path(zip.getPath("/s"))));
        }
    }

    @Test
    void pathsAndNamesAreAtMostAsLongAsTheKernelAllows() {
        int limit = UnixAddress.MAX_PATH;
        String path = "/" + "x".repeat(limit - 1);
        assertEquals(path, UnixAddress.path(Path.of(path)).toString());
        assertEquals(
                "the path " + path + "y has " + (limit + 1) + " bytes; a Unix socket allows at most " + limit,
                message(() -> UnixAddress.parse(path + "y")));

        String name = "ö".repeat(UnixAddress.MAX_NAME / 2) + "x";
        assertEquals("@" + name, UnixAddress.abstractName(name).toString());
        assertEquals(
                "the abstract name " + name + "y has 108 bytes; a Unix socket allows at most 107",
                message(() -> UnixAddress.abstractName(name + "y")));
    }

    @Test
    void addressesThatAServerCannotHaveAreRejected() {
        RequestHandler<StreamRequest> stream = request -> {};
        RequestHandler<DatagramRequest> datagram = request -> {};
        assertEquals(
                "a server can't have the unnamed address",
                message(() -> new UnixStreamServer(UnixAddress.unnamed(), stream)));
        assertEquals(
                "a server can't have the unnamed address",
                message(() -> new UnixDatagramServer(UnixAddress.unnamed(), datagram)));
        Path tooLong = Path.of("/" + "x".repeat(UnixAddress.MAX_SERVER_PATH));
        String expected = "the path of a server " + tooLong + " has 107 bytes; a Unix socket allows at most 106";
        assertEquals(expected, message(() -> new UnixStreamServer(UnixAddress.path(tooLong), stream)));
        assertEquals(expected, message(() -> new UnixDatagramServer(UnixAddress.path(tooLong), datagram)));
        assertEquals(expected, message(() -> new UnixStreamServer(tooLong.toString(), stream)));
        assertEquals("the abstract name is empty", message(() -> new UnixDatagramServer("@", datagram)));
    }
}
