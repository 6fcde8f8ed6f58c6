package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/**
 * A third-party module needs only exported packages: the transports, mix-in and hooks of docs/extending.md on the
 * module path.
 */
class ThirdPartyModuleTest {
    private static final Path PAGE = Snippets.ROOT.resolve("docs/extending.md");
    private static final String MODULE_PATH =
            ChildJvm.locations(TcpServer.class, BaseServer.class, ThreadingMixIn.class);
    private static final String MODULE = """
            module thirdparty {
                requires org.socketserver.tcp;
                requires org.socketserver.mixins;
            }
            """;
    /** Replaces JUnit's. */
    private static final String ASSERTIONS = """
            package thirdparty;

            final class Assertions {
                private Assertions() {}

                static void assertEquals(Object expected, Object actual) {
                    if (!expected.equals(actual)) {
                        throw new AssertionError(actual);
                    }
                    System.out.println(actual);
                }
            }
            """;

    @TempDir
    private Path folder = Path.of("");

    private final List<Path> files = new ArrayList<>();

    @BeforeEach
    void writeModule() throws IOException {
        Snippets.write(Snippets.README, folder, ThirdPartyModuleTest::inModule);
        files.add(folder.resolve("Shout.java"));
        files.addAll(Snippets.write(PAGE, folder, ThirdPartyModuleTest::inModule));
        files.add(Files.writeString(folder.resolve("Assertions.java"), ASSERTIONS));
        files.add(Files.writeString(folder.resolve("module-info.java"), MODULE));
    }

    private static String inModule(String source) {
        return "package thirdparty;\n"
                + source.replace("org.junit.jupiter.api.Assertions", "thirdparty.Assertions")
                        .replaceAll("import org\\.socketserver\\.(udp|unix|proxy|tls)\\.\\*;\n", "");
    }

    /** Returns the compiler's output, which is empty if the module compiles. */
    private String compile() {
        List<String> arguments = new ArrayList<>(List.of("--release", "17", "--module-path", MODULE_PATH));
        arguments.addAll(List.of("-Werror", "-d", folder.resolve("classes").toString()));
        files.forEach(file -> arguments.add(file.toString()));
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int status = ToolProvider.getSystemJavaCompiler().run(null, null, errors, arguments.toArray(String[]::new));
        String text = errors.toString(StandardCharsets.UTF_8);
        assertEquals(status == 0, text.isEmpty(), text);
        return text;
    }

    @Test
    void itsTransportsMixInAndHooksNeedExportedPackagesOnly() throws Exception {
        assertEquals("", compile());
        for (String name : List.of("MemoryServer", "Password", "PoolMixIn")) {
            assertTrue(Files.exists(folder.resolve("classes/thirdparty/" + name + ".class")), name);
        }
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--module-path",
                        folder.resolve("classes") + File.pathSeparator + MODULE_PATH,
                        "--module",
                        "thirdparty/thirdparty." + Snippets.programWith(PAGE, "= new MemoryServer("))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertEquals(List.of("hello"), output.lines().toList());
    }

    /** Otherwise the test above would prove nothing. */
    @Test
    void internalPackagesAreNotVisible() throws IOException {
        Path source = folder.resolve("Internal.java");
        files.add(Files.writeString(source, "package thirdparty;\nimport org.socketserver.api.internal.Checks;\n"));
        assertTrue(compile().contains("package org.socketserver.api.internal is not visible"));
    }
}
