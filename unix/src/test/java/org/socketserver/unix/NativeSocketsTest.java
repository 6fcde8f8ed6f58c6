package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFSocketCapability;

class NativeSocketsTest {
    /** The main class of a child JVM: prints why it cannot serve an abstract name or datagrams, then serves a path. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) throws Exception {
            try (var server = new UnixStreamServer(Peers.freshName(), request -> {})) {
                server.bind();
            } catch (UnsupportedOperationException unsupported) {
                System.out.println(unsupported.getMessage());
            }
            try (var server = new UnixDatagramServer(args[0], request -> {})) {
                server.bind();
            } catch (UnsupportedOperationException unsupported) {
                System.out.println(unsupported.getMessage());
            }
            try (var server = new UnixStreamServer(args[0], request -> {})) {
                server.bind();
                System.out.println("serves");
            }
        }
    }

    @Test
    void withoutTheNativeLibraryOnlyPathsAreServed(@TempDir Path folder) throws Exception {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("junixsocket-native"))
                .collect(Collectors.joining(File.pathSeparator));
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath,
                        Child.class.getName(),
                        folder.resolve("s").toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> lines;
        try (var output = child.inputReader()) {
            lines = output.lines().toList();
        }
        assertEquals(3, lines.size(), lines::toString);
        String why = " need junixsocket's native library, which can't be loaded on " + System.getProperty("os.name");
        assertTrue(lines.get(0).startsWith("abstract socket names" + why), lines.get(0));
        assertTrue(lines.get(1).startsWith("Unix datagram sockets" + why), lines.get(1));
        assertEquals("serves", lines.get(2));
    }

    @Test
    void theReasonWhyTheLibraryCannotBeLoadedIsReported() {
        Error error = new UnsatisfiedLinkError("no such library");
        for (Throwable failure : List.of(error, new UnsupportedOperationException(error))) {
            UnsupportedOperationException thrown = NativeSockets.unloadable("Some sockets", failure);
            assertTrue(
                    thrown.getMessage().startsWith("Some sockets need junixsocket's native library"),
                    thrown.getMessage());
            assertTrue(thrown.getMessage().endsWith(": no such library"), thrown.getMessage());
            assertSame(failure, thrown.getCause());
        }
    }

    @Test
    void aMissingCapabilityIsReportedWithItsName() {
        String message = assertThrows(
                        UnsupportedOperationException.class,
                        () -> NativeSockets.require("sockets of another kind", AFSocketCapability.CAPABILITY_DARWIN))
                .getMessage();
        assertTrue(message.startsWith(System.getProperty("os.name")), message);
        assertTrue(message.endsWith(" has no sockets of another kind"), message);
    }
}
