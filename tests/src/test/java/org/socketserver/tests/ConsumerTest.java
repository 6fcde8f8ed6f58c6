package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.socketserver.api.server.BaseServer;
import org.socketserver.tcp.TcpServer;

/** A third-party program on the module path that uses TCP and nothing else. */
class ConsumerTest {
    private static final String MODULE = """
            module consumer {
                requires org.socketserver.tcp;
            }
            """;

    private static final String PROGRAM = """
            package consumer;

            import java.net.InetAddress;
            import java.net.InetSocketAddress;
            import java.net.Socket;
            import java.util.TreeSet;
            import org.socketserver.tcp.TcpServer;

            public final class Main {
                private Main() {}

                public static void main(String[] args) throws Exception {
                    var names = new TreeSet<String>();
                    for (Module module : ModuleLayer.boot().modules()) {
                        if (!module.getName().startsWith("java.") && !module.getName().startsWith("jdk.")) {
                            names.add(module.getName());
                        }
                    }
                    System.out.println(names);
                    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
                    try (var server = new TcpServer(address, request -> request.input().transferTo(request.output()))) {
                        server.start();
                        try (var socket = new Socket(server.address().getAddress(), server.address().getPort())) {
                            socket.getOutputStream().write("echo".getBytes("US-ASCII"));
                            socket.shutdownOutput();
                            System.out.println(new String(socket.getInputStream().readAllBytes(), "US-ASCII"));
                        }
                    }
                }
            }
            """;

    private static String location(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    @Test
    void tcpRequiresOnlyApi(@TempDir Path folder) throws Exception {
        Path module = Files.writeString(folder.resolve("module-info.java"), MODULE);
        Path program = Files.writeString(folder.resolve("Main.java"), PROGRAM);
        Path classes = folder.resolve("classes");
        String modulePath = String.join(File.pathSeparator, location(TcpServer.class), location(BaseServer.class));
        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "--release",
                        "17",
                        "-d",
                        classes.toString(),
                        "--module-path",
                        modulePath,
                        module.toString(),
                        program.toString());
        assertEquals(0, compiled, "it compiles without other modules, even for annotations");
        assertEquals(
                List.of("[consumer, org.socketserver.api, org.socketserver.tcp]", "echo"), run(classes, modulePath));
    }

    private static List<String> run(Path classes, String modulePath) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--module-path",
                        classes + File.pathSeparator + modulePath,
                        "--module",
                        "consumer/consumer.Main")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        return output.lines().toList();
    }
}
