package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.PortableType;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.mixins.forking.wire.PortableValues;
import org.socketserver.proxy.ProxyHeader;
import org.socketserver.proxy.ProxyHeaderType;
import org.socketserver.tcp.TcpServer;
import org.socketserver.tls.TlsPeer;
import org.socketserver.udp.UdpServer;
import org.socketserver.unix.PeerCredentials;
import org.socketserver.unix.UnixAddress;

/** The portable types of transports and layers are found on the class path and on the module path. */
class PortableTypesTest {
    private static final String MODULE = """
            module consumer {
                requires org.socketserver.mixins;
            }
            """;

    private static final String PROGRAM = """
            package consumer;

            import java.io.ByteArrayInputStream;
            import java.io.DataInputStream;
            import org.socketserver.mixins.forking.wire.PortableValues;

            public final class Main {
                private Main() {}

                public static void main(String[] args) throws Exception {
                    byte[] address = {0, 4, 'u', 'n', 'i', 'x', 0, 2, 0, 'a'};
                    System.out.println(PortableValues.read(new DataInputStream(new ByteArrayInputStream(address))));
                    PortableValues.attributeTypes().forEach(attribute -> System.out.println(attribute.name()));
                }
            }
            """;

    private static Path location(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (Exception none) {
            throw new AssertionError(none);
        }
    }

    static List<Object> values() throws Exception {
        UserPrincipalLookupService principals = FileSystems.getDefault().getUserPrincipalLookupService();
        return List.of(
                new InetSocketAddress("127.0.0.1", 80),
                new InetSocketAddress("::1", 80),
                UnixAddress.unnamed(),
                UnixAddress.parse("/run/shout.sock"),
                UnixAddress.parse("@shout"),
                new PeerCredentials(
                        principals.lookupPrincipalByName("0"),
                        principals.lookupPrincipalByGroupName("0"),
                        OptionalLong.of(1)),
                new ProxyHeaderType().decode("PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII)));
    }

    @ParameterizedTest
    @MethodSource("values")
    void theValuesOfEachTransportAndLayerAreTransferred(Object value) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PortableValues.write(new DataOutputStream(bytes), value);
        assertEquals(value, PortableValues.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))));
    }

    @Test
    void theAttributesAreThoseOfOurTransportsAndLayers() {
        assertEquals(
                Set.of(PeerCredentials.class, ProxyHeader.class, TlsPeer.class),
                PortableValues.attributeTypes().stream().map(PortableType::type).collect(Collectors.toSet()));
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                BaseServer.class,
                TcpServer.class,
                UdpServer.class,
                UnixAddress.class,
                ProxyHeader.class,
                TlsPeer.class
            })
    void theClassPathAndTheModulePathProvideTheSameServices(Class<?> inModule) throws Exception {
        ModuleReference module =
                ModuleFinder.of(location(inModule)).findAll().iterator().next();
        assertFalse(module.descriptor().provides().isEmpty());
        try (ModuleReader files = module.open()) {
            for (ModuleDescriptor.Provides provided : module.descriptor().provides()) {
                try (InputStream services =
                        files.open("META-INF/services/" + provided.service()).orElseThrow()) {
                    String onClassPath = new String(services.readAllBytes(), StandardCharsets.UTF_8);
                    assertEquals(provided.providers(), onClassPath.lines().toList());
                }
            }
        }
    }

    @Test
    void onTheModulePathMixInsFindTheTypesOfTransports(@TempDir Path folder) throws Exception {
        Path module = Files.writeString(folder.resolve("module-info.java"), MODULE);
        Path program = Files.writeString(folder.resolve("Main.java"), PROGRAM);
        Path classes = folder.resolve("classes");
        String modulePath = Stream.concat(
                        Stream.of(BaseServer.class, ThreadingMixIn.class, UnixAddress.class)
                                .map(type -> location(type).toString()),
                        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                                .filter(entry -> entry.matches(".*junixsocket-(native-)?common-[0-9.]+\\.jar")))
                .collect(Collectors.joining(File.pathSeparator));
        String opened = "org.socketserver.mixins/org.socketserver.mixins.forking.wire=consumer";
        assertEquals(
                0,
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-d",
                                classes.toString(),
                                "--add-exports",
                                opened,
                                "--module-path",
                                modulePath,
                                module.toString(),
                                program.toString()));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-exports",
                        opened,
                        "--module-path",
                        classes + File.pathSeparator + modulePath,
                        "--module",
                        "consumer/consumer.Main")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        assertEquals(List.of("@a", "peer-credentials"), output.lines().toList());
    }
}
