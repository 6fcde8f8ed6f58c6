package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Limits;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerState;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.Servers;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;
import org.socketserver.udp.UdpServer;
import org.socketserver.unix.UnixAddress;

/** Several servers that begin and end together, at addresses written as text. */
class ServersTest {
    private static final String ANY_PORT = "tcp://127.0.0.1:0";
    private static final ServerOptions OPTIONS = ServerOptions.DEFAULTS.grace(Duration.ofSeconds(3));

    private final CapturedLog log = CapturedLog.begin();
    private final List<AutoCloseable> open = new ArrayList<>();

    @TempDir
    private Path folder = Path.of("");

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable resource : open) {
            resource.close();
        }
        log.close();
    }

    private Servers servers(String... addresses) {
        return closeLater(Servers.of(Handlers.Upper.class, OPTIONS, addresses));
    }

    private <T extends AutoCloseable> T closeLater(T resource) {
        open.add(0, resource);
        return resource;
    }

    private Client client(BaseServer<?> server) throws IOException {
        Transport transport = server.address() instanceof UnixAddress
                ? (server.transport().equals("unix") ? Transport.UNIX : Transport.UNIX_DATAGRAM)
                : server.transport().equals("tcp") ? Transport.TCP : Transport.UDP;
        return closeLater(transport.client(server.address()));
    }

    private List<Client> clients(Servers servers) throws IOException {
        List<Client> clients = new ArrayList<>();
        for (BaseServer<?> server : servers.servers()) {
            clients.add(client(server));
        }
        return clients;
    }

    private static void assertRefused(InetSocketAddress address) {
        assertThrows(ConnectException.class, () -> Transport.TCP.client(address).close());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyTransportIsServed(boolean threads) throws Exception {
        String path = folder.resolve("a socket?").toString().replace(" ", "%20").replace("?", "%3F");
        Servers servers = servers(
                ANY_PORT,
                "tcp://*:0?dualStack=true",
                "udp://127.0.0.1:0",
                "unix:" + path + "?mode=600",
                "unix-datagram://" + folder + "/packets");
        if (threads) {
            servers.mixIn(ThreadingMixIn::new);
        }
        servers.start();
        assertTrue(servers.isReady());
        assertEquals(5, servers.addresses().size());
        for (BaseServer<?> server : servers.servers()) {
            try (Client client = client(server)) {
                assertEquals("HELLO", client.ask("hello"), server.name());
            }
        }
        assertEquals(5, servers.stats().accepted());
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("a socket?"))));
        servers.close();
        assertFalse(Files.exists(folder.resolve("a socket?")));
    }

    @Test
    void workerProcessesServeSeveralAddresses() throws Exception {
        Servers servers = servers(ANY_PORT, "udp://127.0.0.1:0");
        servers.mixIn(() -> new ForkingMixIn().maxChildren(1));
        servers.start();
        for (Client client : clients(servers)) {
            assertEquals("HELLO", client.ask("hello"));
        }
    }

    @Test
    void factoriesAndFunctionsAreTypedByTheirRequests() throws Exception {
        Servers streams = closeLater(Servers.ofStreams(
                HandlerSource.ofFactory(Greeter::new),
                OPTIONS.name("greeter"),
                ANY_PORT,
                ANY_PORT + "?name=other%20one"));
        streams.start();
        assertEquals("hello", client(streams.servers().get(0)).ask("x"));
        assertEquals("greeter", streams.servers().get(0).name());
        assertEquals("other one", streams.servers().get(1).name());
        HandlerSource<DatagramRequest> packets = HandlerSource.ofFunction(request -> request.reply(request.data()));
        Servers datagrams = closeLater(Servers.ofDatagrams(packets, OPTIONS, "udp://127.0.0.1:0"));
        datagrams.start();
        assertEquals("echo", client(datagrams.servers().get(0)).ask("echo"));
        assertThrows(
                IllegalArgumentException.class, () -> Servers.ofDatagrams(packets, OPTIONS, "udp://*:0", ANY_PORT));
    }

    static final class Greeter extends StreamRequestHandler {
        @Override
        public void handle() throws IOException {
            writeLine("hello");
        }
    }

    @Test
    void aHandlerMustFitEveryAddress() {
        var failure = assertThrows(
                IllegalArgumentException.class, () -> Servers.of(Greeter.class, ANY_PORT, "udp://127.0.0.1:0"));
        assertEquals(
                Greeter.class.getName() + " handles a StreamRequest, but udp://127.0.0.1:0 has a DatagramRequest",
                failure.getMessage());
    }

    @Test
    void allAreBoundOrNone() throws Exception {
        try (ServerSocket other = new ServerSocket(0)) {
            Servers servers = servers(ANY_PORT, "tcp://127.0.0.1:" + other.getLocalPort() + "?reuseAddress=false");
            TcpServer first = (TcpServer) servers.servers().get(0);
            List<InetSocketAddress> bound = new ArrayList<>();
            first.listener(new RequestListener() {
                @Override
                public void stateChanged(ServerState state) {
                    if (state == ServerState.BOUND) {
                        bound.add(first.address());
                    }
                }
            });
            assertThrows(BindException.class, servers::serveForever);
            assertRefused(bound.get(0));
            assertThrows(IllegalStateException.class, servers::start);
        }
    }

    @Test
    void aFailureOfOneEndsAll() throws Exception {
        Servers servers = servers(ANY_PORT, ANY_PORT, "udp://127.0.0.1:0");
        FutureTask<Void> serving = ServingTest.inBackground(servers::serveForever);
        awaitReady(servers);
        servers.servers().get(1).endServing(new IOException("lost"));
        var failure = assertThrows(Exception.class, () -> ServingTest.await(serving));
        assertEquals("lost", failure.getCause().getMessage());
        servers.servers().forEach(server -> assertEquals(ServerState.BOUND, server.state()));
    }

    private static void awaitReady(Servers servers) throws InterruptedException {
        long began = System.nanoTime();
        while (!servers.isReady()) {
            assertTrue(ServingTest.millisSince(began) < 20_000, "not ready: " + servers);
            Thread.sleep(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndOfOneEndsAllAndTheyCanServeAgain(boolean interrupt) throws Exception {
        Servers servers = servers(ANY_PORT, ANY_PORT);
        for (int run = 0; run < 3; run++) {
            CompletableFuture<Thread> caller = new CompletableFuture<>();
            FutureTask<Void> serving = ServingTest.inBackground(() -> {
                caller.complete(Thread.currentThread());
                servers.serveForever();
            });
            awaitReady(servers);
            for (Client client : clients(servers)) {
                assertEquals("RUN", client.ask("run"));
                client.close();
            }
            if (interrupt) {
                caller.get().interrupt();
            } else {
                servers.servers().get(1).shutdown();
            }
            ServingTest.await(serving);
            assertFalse(servers.isReady());
        }
        assertEquals(6, servers.stats().ended(RequestOutcome.DONE));
    }

    /** Serves requests that wait for a test. */
    private final class Waiting {
        final CountDownLatch mayEnd = new CountDownLatch(1);
        final AtomicInteger running = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final Servers servers;

        Waiting(ServerOptions options, String... addresses) throws IOException {
            HandlerSource<StreamRequest> handlers = HandlerSource.ofFunction(this::handle);
            servers = closeLater(Servers.ofStreams(handlers, options, addresses));
            servers.mixIn(ThreadingMixIn::new);
        }

        private void handle(StreamRequest request) throws Exception {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            try {
                if (Handlers.line(request) != null) {
                    mayEnd.await();
                    Handlers.answer(request, "end");
                }
            } finally {
                running.decrementAndGet();
            }
        }

        void awaitRunning(int count) throws InterruptedException {
            long began = System.nanoTime();
            while (running.get() < count) {
                assertTrue(ServingTest.millisSince(began) < 20_000, running + " requests run");
                Thread.sleep(1);
            }
        }

        void awaitAccepted(int count) throws InterruptedException {
            long began = System.nanoTime();
            while (servers.stats().accepted() < count) {
                assertTrue(
                        ServingTest.millisSince(began) < 20_000, servers.stats().toString());
                Thread.sleep(1);
            }
        }
    }

    @Test
    void oneReportHasTheRequestsOfAll() throws Exception {
        Waiting waiting = new Waiting(OPTIONS, ANY_PORT, ANY_PORT, ANY_PORT);
        waiting.servers.start();
        List<Client> clients = clients(waiting.servers);
        clients.get(0).send("wait");
        clients.get(1).send("wait");
        waiting.awaitRunning(3);
        assertEquals(3, waiting.servers.liveRequests().size());
        long began = System.nanoTime();
        ShutdownReport report = waiting.servers.close(Duration.ofMillis(500));
        assertEquals(2, report.forced().size(), report.toString());
        assertEquals(1, report.drained(), "the idle connection");
        // Together, not one after another: each waits for its grace period, and then for at most a second.
        assertTrue(ServingTest.millisSince(began) < 20_000);
    }

    @Test
    void aHandlerCanCloseAllAndIsNotWaitedFor() throws Exception {
        CompletableFuture<ShutdownReport> result = new CompletableFuture<>();
        Servers[] all = new Servers[1];
        HandlerSource<StreamRequest> closing =
                HandlerSource.ofFunction(request -> result.complete(all[0].close(Duration.ofSeconds(60))));
        all[0] = closeLater(Servers.ofStreams(closing, OPTIONS, ANY_PORT, ANY_PORT));
        all[0].mixIn(ThreadingMixIn::new);
        all[0].start();
        client(all[0].servers().get(1)).send("close");
        ShutdownReport report = result.get(20, TimeUnit.SECONDS);
        assertEquals(1, report.running().size(), report.toString());
        all[0].servers().forEach(server -> assertEquals(ServerState.CLOSED, server.state()));
    }

    @Test
    void aTotalLimitHoldsAcrossAddresses() throws Exception {
        Waiting waiting = new Waiting(OPTIONS, ANY_PORT, ANY_PORT, ANY_PORT);
        waiting.servers.maxConcurrent(2);
        waiting.servers.start();
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            clients.add(client(waiting.servers.servers().get(0)));
            clients.get(i).send("wait");
            waiting.awaitRunning(i + 1);
        }
        for (int i = 0; i < 20; i++) {
            clients.add(client(waiting.servers.servers().get(1 + i % 2)));
            clients.get(2 + i).send("wait");
        }
        assertEquals(2, waiting.running.get());
        waiting.mayEnd.countDown();
        for (Client client : clients) {
            assertEquals("end", client.receive());
        }
        waiting.awaitAccepted(22);
        // Three servers can see the last place at the same time.
        assertTrue(waiting.most.get() <= 4, waiting.most + " at the same time");
    }

    @Test
    void clientsBeyondATotalLimitCanBeRejected() throws Exception {
        ServerOptions rejecting = OPTIONS.limits(Limits.NONE.whenFull(WhenFull.REJECT));
        Waiting waiting = new Waiting(rejecting, ANY_PORT, ANY_PORT);
        waiting.servers.maxConcurrent(1);
        waiting.servers.start();
        Client first = client(waiting.servers.servers().get(0));
        first.send("wait");
        waiting.awaitRunning(1);
        assertTrue(isEnded(client(waiting.servers.servers().get(1))));
        waiting.mayEnd.countDown();
        assertEquals("end", first.receive());
        assertEquals(null, first.receive());
        Client next = client(waiting.servers.servers().get(1));
        assertEquals("end", next.ask("wait"));
    }

    private static boolean isEnded(Client client) {
        try {
            return client.receive() == null;
        } catch (IOException reset) {
            return true;
        }
    }

    @Test
    void aTotalLimitCountsRequestsWithoutAMixIn() throws Exception {
        Servers servers = servers(ANY_PORT, ANY_PORT);
        servers.maxConcurrent(1);
        servers.start();
        for (int i = 0; i < 10; i++) {
            try (Client client = client(servers.servers().get(i % 2))) {
                assertEquals("NEXT", client.ask("next"));
            }
        }
        assertThrows(IllegalArgumentException.class, () -> servers(ANY_PORT).maxConcurrent(0));
    }

    @Test
    void layersAreForServersWithConnections() throws Exception {
        AtomicInteger layers = new AtomicInteger();
        Servers servers = servers(ANY_PORT, "udp://127.0.0.1:0");
        servers.layer(below -> {
            layers.incrementAndGet();
            return below;
        });
        servers.mixIn(ThreadingMixIn::new);
        servers.start();
        for (Client client : clients(servers)) {
            assertEquals("HELLO", client.ask("hello"));
        }
        assertEquals(1, layers.get());
        assertThrows(
                UnsupportedOperationException.class,
                () -> servers("udp://127.0.0.1:0").layer(below -> below));
    }

    @Test
    void serversCanBePutTogether() throws Exception {
        try (var servers = Servers.of(
                new TcpServer("127.0.0.1:0", Greeter.class), new UdpServer("127.0.0.1:0", Handlers.Upper.class))) {
            servers.start();
            assertEquals("hello", client(servers.servers().get(0)).ask("x"));
            assertEquals("HELLO", client(servers.servers().get(1)).ask("hello"));
            servers.suspend();
            assertFalse(servers.isReady());
            servers.resume();
            assertTrue(servers.isReady());
            servers.ready(false);
            assertFalse(servers.isReady());
        }
        assertThrows(IllegalArgumentException.class, () -> Servers.of());
    }

    @Test
    void anotherTransportIsFoundByItsScheme() throws Exception {
        Servers servers = servers("local:somewhere", ANY_PORT);
        servers.start();
        LocalServer local =
                assertInstanceOf(LocalServer.class, servers.servers().get(0));
        local.send((byte) 'x', (byte) '\n');
        long began = System.nanoTime();
        while (local.stats().ended(RequestOutcome.DONE) == 0) {
            assertTrue(ServingTest.millisSince(began) < 20_000, local.stats().toString());
            Thread.sleep(1);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        127.0.0.1:80            | has no scheme; write for example tcp://127.0.0.1:8087 or unix:/run/shout.sock
        ''                      | has no scheme
        TCP://127.0.0.1:80      | has no scheme
        tcp:127.0.0.1:80        | has another form than tcp://HOST:PORT
        tcp://127.0.0.1:80/     | has another form than tcp://HOST:PORT
        tcp://127.0.0.1         | has no port number
        tcp://127.0.0.1:65536   | has port 65536; it must be from 0 to 65535
        tcp://127.0.0.256:1     | has no valid host
        udp://::1:1             | has no valid host
        http://127.0.0.1:80     | for which there is no transport; there is local, tcp, udp, unix, unix-datagram
        tcp://*:1?              | has the option ""; write NAME=VALUE
        tcp://*:1?backlog       | has the option "backlog"; write NAME=VALUE
        tcp://*:1?mode=660      | has the option "mode"; those of tcp are backlog, dualStack, keepAlive, name, noDelay
        tcp://*:1?backlog=x     | has an invalid backlog: "x" is not an integer
        tcp://*:1?backlog=0     | has an invalid backlog: backlog is 0
        tcp://*:1?noDelay=yes   | has an invalid noDelay: "yes" is neither true nor false
        tcp://*:1?backlog=1&backlog=2 | has the option backlog twice
        tcp://*:1?name=%zz      | has an invalid name: %zz has a % without two hexadecimal digits
        unix:                   | the path is empty
        unix://host/path        | has another form than unix:PATH and unix:@NAME
        unix:/tmp/100%          | /tmp/100% has a % without two hexadecimal digits
        unix:/tmp/%ff           | /tmp/%ff is not UTF-8 when decoded
        unix:/tmp/x?mode=999    | has an invalid mode: "999" is not a mode; write three octal digits such as 660
        unix:/tmp/x?mode=       | has an invalid mode: "" is not a mode
        unix-datagram:/x?backlog=1 | has the option "backlog"; those of unix-datagram are deliverTruncated
        """)
    void whatIsWrongWithAnAddressIsSaid(String address, String why) {
        var failure = assertThrows(IllegalArgumentException.class, () -> servers(address));
        assertTrue(failure.getMessage().contains(why), failure.getMessage());
    }

    @Test
    void theWholeAddressIsParsed() throws Exception {
        Servers servers =
                servers("unix:@ServersTest%20" + ProcessHandle.current().pid() + "?backlog=7", "unix:%40file");
        assertEquals(
                "@ServersTest " + ProcessHandle.current().pid(),
                servers.addresses().get(0).toString());
        assertEquals(7, servers.servers().get(0).options().backlog());
        assertEquals(UnixAddress.path(Path.of("@file")), servers.addresses().get(1));
        assertEquals(
                "[fe80::1%lo]",
                ((InetSocketAddress)
                                servers("tcp://[fe80::1%25lo]:9").addresses().get(0))
                        .getHostString());
    }

    @ParameterizedTest
    @CsvSource({
        "unix:/x, socketserver-unix, false",
        "tcp://*:0, socketserver-tcp, false",
        "tcp://*:0, ServicesResourceTransformer, true"
    })
    void aMissingArtifactIsNamed(String address, String message, boolean withoutServices) throws Exception {
        // Only the api, and perhaps the classes of tcp without its other files.
        List<String> path = Arrays.stream(System.getProperty("java.class.path").split(":"))
                .filter(entry -> entry.matches(".*/(api/.*|socketserver-api.*|tests/.*|[^/]*jspecify[^/]*)"))
                .collect(Collectors.toList());
        if (withoutServices) {
            String name = TcpServer.class.getName().replace('.', '/') + ".class";
            Path copy =
                    Files.createDirectories(folder.resolve(name).getParent()).resolve("TcpServer.class");
            try (var in = TcpServer.class.getClassLoader().getResourceAsStream(name)) {
                Files.copy(in, copy);
            }
            path.add(folder.toString());
        }
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        String.join(":", path),
                        Lonely.class.getName(),
                        address)
                .redirectErrorStream(true)
                .start();
        String output = new String(program.getInputStream().readAllBytes());
        assertTrue(output.contains(message), output);
    }

    /** A program that only has the api on its class path. */
    static final class Lonely {
        public static void main(String[] address) {
            try {
                Servers.of(Handlers.Upper.class, address);
                System.out.println("created");
            } catch (RuntimeException expected) {
                System.out.println(expected.getMessage());
            }
        }
    }
}
