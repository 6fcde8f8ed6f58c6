package org.socketserver.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.socketserver.api.spi.Layer;

/** The module on the module path, with api and without any other dependency. */
class TlsModuleTest {
    private static final String PROGRAM = """
            package consumer;

            import java.net.InetSocketAddress;
            import java.nio.ByteBuffer;
            import java.nio.channels.*;
            import java.nio.file.Path;
            import java.util.ServiceLoader;
            import javax.net.ssl.SSLSocketFactory;
            import org.socketserver.api.spi.*;
            import org.socketserver.tls.*;

            public final class Main {
                public static void main(String[] files) throws Exception {
                    Layer tls = Tls.of(Path.of(files[0]), Path.of(files[1]));
                    ServerSocketChannel listener = ServerSocketChannel.open();
                    listener.bind(new InetSocketAddress("127.0.0.1", 0));
                    Thread client = new Thread(() -> {
                        try (SocketChannel channel = SocketChannel.open(listener.getLocalAddress())) {
                            channel.write(ByteBuffer.wrap("no TLS".getBytes()));
                        } catch (Exception failure) {
                            failure.printStackTrace();
                        }
                    });
                    client.start();
                    SocketChannel channel = listener.accept();
                    try {
                        tls.over(new SocketChannelConnection(
                                channel, channel.getLocalAddress(), channel.getRemoteAddress()));
                    } catch (java.io.IOException expected) {
                        System.out.println(expected.getMessage());
                    }
                }
            }
            """;

    @TempDir
    private Path folder = Path.of("");

    private static String location(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    private static String compile(Path folder, String modulePath, Path... files) {
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        String[] arguments = {
            "--release",
            "17",
            "--module-path",
            modulePath,
            "-d",
            folder.resolve("classes").toString(),
            files[0].toString(),
            files[1].toString()
        };
        ToolProvider.getSystemJavaCompiler().run(null, null, errors, arguments);
        return errors.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aConsumerNeedsOnlyThisModuleAndApi() throws Exception {
        String modulePath = location(Tls.class) + File.pathSeparator + location(Layer.class);
        Path module = Files.writeString(
                folder.resolve("module-info.java"), "module consumer { requires org.socketserver.tls; }");
        Path program = Files.writeString(folder.resolve("Main.java"), PROGRAM);
        assertEquals("", compile(folder, modulePath, module, program));
        Certificates.ec("localhost").write(folder, "server");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--module-path",
                        folder.resolve("classes") + File.pathSeparator + modulePath,
                        "--module",
                        "consumer/consumer.Main",
                        folder.resolve("server.pem").toString(),
                        folder.resolve("server.key").toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertEquals(List.of("the client did not speak TLS"), output.lines().toList());
    }

    @Test
    void theClassesOfTlsChannelAreNotVisible() throws Exception {
        String modulePath = location(Tls.class) + File.pathSeparator + location(Layer.class);
        Path module = Files.writeString(
                folder.resolve("module-info.java"), "module consumer { requires org.socketserver.tls; }");
        Path program = Files.writeString(
                folder.resolve("Main.java"), "package consumer;\nimport org.socketserver.tls.internal.channel.*;\n");
        assertFalse(compile(folder, modulePath, module, program).isEmpty());
    }
}
