package org.socketserver.examples.demos;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each demo compiles alone, with only the published modules. */
class CopyTest {
    private static final Path DEMOS = Path.of("src/main/java/org/socketserver/examples/demos");

    @TempDir
    private Path folder;

    static List<Path> demos() throws IOException {
        try (Stream<Path> files = Files.list(DEMOS)) {
            return files.filter(file -> !file.endsWith("package-info.java")).toList();
        }
    }

    /** Returns the module path of the published modules and junixsocket. */
    private static String publishedModules() {
        List<String> modules = Arrays.stream(
                        System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(place -> place.matches(".*/(api|tcp|udp|unix|mixins|tls)/target/.*|.*/junixsocket-[^/]*"))
                .toList();
        assertTrue(modules.size() >= 7, modules.toString());
        return String.join(File.pathSeparator, modules);
    }

    @ParameterizedTest
    @MethodSource("demos")
    void aDemoCompilesAlone(Path demo) throws IOException {
        Path copy = Files.copy(demo, folder.resolve(demo.getFileName()));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertNotNull(compiler, "these tests need a JDK");
        StringWriter messages = new StringWriter();
        // As modules, so that packages that are not exported are inaccessible.
        List<String> options = List.of(
                "-proc:none",
                "--module-path",
                publishedModules(),
                "--add-modules",
                "org.socketserver.tcp,org.socketserver.udp,org.socketserver.unix,org.socketserver.mixins,"
                        + "org.socketserver.tls",
                "-d",
                folder.toString());
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            messages, files, null, options, null, files.getJavaFileObjects(copy.toFile()))
                    .call();
            assertTrue(compiled, messages.toString());
        }
    }
}
