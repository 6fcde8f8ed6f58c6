package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serial;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.WorkerState;
import org.socketserver.api.WorkerState.Phase;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.tcp.TcpServer;

class ForkingMixInTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    /** Strongly referenced, because a logger that is garbage collected loses its level. */
    private static final Logger LOGGER = Logger.getLogger("org.socketserver");

    private final BlockingQueue<Throwable> errors = new LinkedBlockingQueue<>();

    @BeforeEach
    void disableLog() {
        LOGGER.setLevel(Level.OFF);
    }

    @AfterEach
    void enableLog() {
        LOGGER.setLevel(null);
    }

    private TcpServer server(Class<? extends RequestHandler<StreamRequest>> handler) throws IOException {
        return new TcpServer(ANY_PORT, HandlerSource.ofClass(handler), ServerOptions.DEFAULTS) {
            @Override
            protected void handleError(StreamRequest request, Throwable failure) {
                errors.add(failure);
            }
        };
    }

    private static ForkingMixIn oneWorker() {
        return WorkerCoverage.of(new ForkingMixIn().minIdle(1).maxChildren(1));
    }

    private static Socket connect(TcpServer server) throws IOException {
        return new Socket(server.address().getAddress(), server.address().getPort());
    }

    private static String ask(TcpServer server, String text) throws IOException {
        try (Socket socket = connect(server)) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void assertEnds(Socket socket) throws IOException {
        int next;
        try {
            next = socket.getInputStream().read();
        } catch (SocketException reset) {
            next = -1;
        }
        assertEquals(-1, next);
    }

    // Options

    private static String refused(Runnable option) {
        return assertThrows(IllegalArgumentException.class, option::run).getMessage();
    }

    @Test
    void optionsOutOfBoundsAreRejectedWithNameValueAndBounds() {
        ForkingMixIn mixIn = new ForkingMixIn();
        assertEquals("maxChildren is 0 requests; it must be 1 request or more", refused(() -> mixIn.maxChildren(0)));
        assertEquals("minIdle is -1 workers; it must be 0 workers or more", refused(() -> mixIn.minIdle(-1)));
        assertEquals(
                "requestsPerChild is -1 requests; it must be 0 requests or more",
                refused(() -> mixIn.requestsPerChild(-1)));
        assertEquals(
                "requestsPerChildJitter is -2 requests; it must be 0 requests or more",
                refused(() -> mixIn.requestsPerChildJitter(-2)));
        assertEquals(
                "idleTimeout is 0.000999 ms; it must be 1 ms or more",
                refused(() -> mixIn.idleTimeout(Duration.ofNanos(999))));
        assertEquals(
                "startTimeout is -1 ms; it must be 1 ms or more",
                refused(() -> mixIn.startTimeout(Duration.ofMillis(-1))));
        assertEquals(
                "heartbeatTimeout is 999 ms; it must be 1000 ms or more",
                refused(() -> mixIn.heartbeatTimeout(Duration.ofMillis(999))));
        assertEquals(
                "the worker option \"Xmx1g\" does not begin with \"-\"", refused(() -> mixIn.workerOption("Xmx1g")));
        assertEquals("\"\" is no name of a system property", refused(() -> mixIn.systemProperty("", "x")));
        assertEquals("\"a=b\" is no name of a system property", refused(() -> mixIn.systemProperty("a=b", "x")));
        assertThrows(NullPointerException.class, () -> mixIn.handOver(null));
        assertEquals(40, mixIn.maxChildren());
        assertEquals(0, mixIn.active());
        assertEquals(List.of(), mixIn.workers());
        mixIn.collectChildren();
        mixIn.close();
    }

    @Test
    void onlyMaxChildrenCanBeChangedAfterBind() throws Exception {
        ForkingMixIn mixIn = new ForkingMixIn().minIdle(0).idleTimeout(Duration.ofMillis(1));
        try (TcpServer server = server(Echo.class)) {
            server.mixIn(mixIn);
            server.bind();
            List<Runnable> late = List.of(
                    () -> mixIn.minIdle(1),
                    () -> mixIn.requestsPerChild(1),
                    () -> mixIn.requestsPerChildJitter(1),
                    () -> mixIn.idleTimeout(Duration.ofSeconds(1)),
                    () -> mixIn.startTimeout(Duration.ofSeconds(1)),
                    () -> mixIn.heartbeatTimeout(Duration.ofSeconds(1)),
                    () -> mixIn.handOver(HandOver.RELAY),
                    () -> mixIn.workerOption("-ea"),
                    () -> mixIn.systemProperty("a", "b"));
            for (Runnable option : late) {
                assertEquals(
                        "options of workers can be set only before the server is bound",
                        assertThrows(IllegalStateException.class, option::run).getMessage());
            }
            assertEquals(7, mixIn.maxChildren(7).maxChildren());
            assertEquals(List.of(), mixIn.workers(), "with minIdle 0, none is started ahead of time");
        }
    }

    @Test
    void aMixInWithoutAServerThrows() {
        ForkingMixIn mixIn = new ForkingMixIn();
        assertThrows(IllegalStateException.class, mixIn::open);
        RequestTask task = org.mockito.Mockito.mock(RequestTask.class);
        assertThrows(IllegalStateException.class, () -> mixIn.processRequest(task));
        assertEquals(0, mixIn.active(), "no slot is taken");
    }

    // Handlers that cannot be created in another process

    /** An inner class, which needs an instance of the test. */
    public final class Inner implements RequestHandler<StreamRequest> {
        @Override
        public void handle(StreamRequest request) {}
    }

    static Stream<Named<HandlerSource<StreamRequest>>> unsupported() throws Exception {
        record Local() implements RequestHandler<StreamRequest> {
            @Override
            public void handle(StreamRequest request) {}
        }
        RequestHandler<StreamRequest> anonymous = new RequestHandler<>() {
            @Override
            public void handle(StreamRequest request) {}
        };
        return Stream.of(
                Named.of("a function", HandlerSource.ofFunction(request -> {})),
                Named.of("a factory", HandlerSource.ofFactory(Echo::new)),
                Named.of("an anonymous class", sourceOf(anonymous.getClass())),
                Named.of("a local class", sourceOf(Local.class)),
                Named.of("a class of another loader", sourceOf(loadedSeparately())));
    }

    /** A source that accepts every class, so that only the mix-in can reject it. */
    @SuppressWarnings("unchecked")
    private static HandlerSource<StreamRequest> sourceOf(Class<?> type) {
        HandlerSource<StreamRequest> source = org.mockito.Mockito.mock(HandlerSource.class);
        org.mockito.Mockito.when(source.handlerClass()).thenReturn(Optional.of(type));
        return source;
    }

    private static Class<?> loadedSeparately() throws Exception {
        URL here = Echo.class.getProtectionDomain().getCodeSource().getLocation();
        URLClassLoader loader = new URLClassLoader(new URL[] {here}, ClassLoader.getPlatformClassLoader()) {
            @Override
            protected Class<?> findClass(String name) throws ClassNotFoundException {
                return name.startsWith("org.socketserver.mixins.ForkingMixInTest")
                        ? super.findClass(name)
                        : ForkingMixInTest.class.getClassLoader().loadClass(name);
            }
        };
        return loader.loadClass(Echo.class.getName());
    }

    @ParameterizedTest
    @MethodSource("unsupported")
    void aHandlerThatWorkersCannotCreateIsRejectedWithTheReason(HandlerSource<StreamRequest> source) throws Exception {
        try (TcpServer server = new TcpServer(ANY_PORT, source, ServerOptions.DEFAULTS)) {
            String why = refused(() -> server.mixIn(new ForkingMixIn()));
            assertTrue(
                    why.endsWith("; pass a top-level or static nested class with a constructor without parameters")
                            || why.endsWith("put it there, and do not load it with a class loader of its own"),
                    why);
            String reason = source.handlerClass()
                    .map(type -> type.getClassLoader() == getClass().getClassLoader()
                            ? "the handler class " + type.getName() + " belongs to the code around it"
                            : "the handler class " + type.getName() + " is not on the class path or module path")
                    .orElse("ForkingMixIn runs handlers in other processes, which can't use a function or a factory");
            assertTrue(why.startsWith(reason), why);
        }
    }

    @Test
    void anInnerClassIsRejectedByHandlerSource() {
        String why = refused(() -> HandlerSource.ofClass(Inner.class));
        assertTrue(why.contains(Inner.class.getName() + " has no constructor without parameters"), why);
        assertTrue(why.contains("is it meant to be static?"), why);
    }

    /** An address type without a {@code PortableType}. */
    private static final class SerialPort extends SocketAddress {
        @Serial
        private static final long serialVersionUID = 1L;

        @Override
        public String toString() {
            return "serial:/dev/ttyS0";
        }
    }

    /** A transport of a third party, which is never bound. */
    private static final class OtherServer extends BaseServer<StreamRequest> {
        OtherServer(SocketAddress address, ServerOptions options) {
            super(address, HandlerSource.ofClass(Echo.class), options);
        }

        @Override
        public String transport() {
            return "other";
        }

        @Override
        protected SocketAddress serverBind() {
            throw new AssertionError("bound");
        }

        @Override
        protected void serverClose() {}

        @Override
        protected boolean awaitReady(long millis) {
            return false;
        }

        @Override
        protected void wakeupTransport() {}

        @Override
        protected StreamRequest getRequest() {
            throw new AssertionError("fetched");
        }
    }

    private static String refusedFor(SocketAddress address, ServerOptions options) {
        ForkingMixIn mixIn = new ForkingMixIn();
        try (OtherServer server = new OtherServer(address, options)) {
            String why = refused(() -> server.mixIn(mixIn));
            assertEquals(0, mixIn.workersStarted());
            return why;
        }
    }

    @Test
    void anAddressWithoutAPortableTypeIsRejectedBeforeAWorkerStarts() {
        assertEquals(
                "the address serial:/dev/ttyS0 can't be sent to worker processes: a " + SerialPort.class.getName()
                        + " can't be carried to another process: provide a org.socketserver.api.spi.PortableType for"
                        + " it",
                refusedFor(new SerialPort(), ServerOptions.DEFAULTS));
    }

    @Test
    void anAddressThatIsTooLongIsRejectedWithTheReason() {
        SocketAddress address = InetSocketAddress.createUnresolved("n".repeat(70_000), 1);
        assertEquals(
                "the address " + address
                        + " can't be sent to worker processes: a value of inet has 70003 bytes; it must"
                        + " have at most 65535",
                refusedFor(address, ServerOptions.DEFAULTS));
    }

    @Test
    void optionsThatAreTooLongAreRejectedBeforeAWorkerStarts() {
        assertEquals(
                "the options can't be sent to worker processes: the option name, of 70000 characters, has more than"
                        + " 65535 bytes in UTF-8",
                refusedFor(ANY_PORT, ServerOptions.DEFAULTS.name("n".repeat(70_000))));
    }

    // Workers

    /** Sends back its input. */
    public static final class Echo implements RequestHandler<StreamRequest> {
        @Override
        public void handle(StreamRequest request) throws IOException {
            request.input().transferTo(request.output());
        }
    }

    @ParameterizedTest
    @EnumSource(HandOver.class)
    void aWorkerHandlesOneRequestAfterAnother(HandOver way) throws Exception {
        ForkingMixIn mixIn = oneWorker().handOver(way);
        try (TcpServer server = server(Echo.class)) {
            server.mixIn(mixIn);
            server.start();
            for (int i = 0; i < 3; i++) {
                assertEquals("hello " + i, ask(server, "hello " + i));
            }
            WorkerState worker = mixIn.workers().get(0);
            assertEquals(3, worker.requests());
            assertTrue(ProcessHandle.of(worker.pid()).orElseThrow().isAlive());
            assertTrue(worker.pid() != ProcessHandle.current().pid());
        }
        assertEquals(List.of(), mixIn.workers());
        assertEquals(0, mixIn.active());
        assertTrue(errors.isEmpty(), errors::toString);
    }

    /** Sends the address of the server. */
    public static final class Where implements RequestHandler<StreamRequest> {
        @Override
        public void handle(StreamRequest request) throws IOException {
            request.output().write(request.server().address().toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void workersStartedBeforeBindKnowTheBoundAddress() throws Exception {
        try (TcpServer server = new TcpServer("localhost:0", Where.class)) {
            server.mixIn(oneWorker());
            server.start();
            assertEquals(server.address().toString(), ask(server, ""));
        }
    }

    @Test
    void closeEndsAllProcessesAndThreads() throws Exception {
        ForkingMixIn mixIn = WorkerCoverage.of(new ForkingMixIn().minIdle(3));
        List<ProcessHandle> workers;
        String name;
        try (TcpServer server = server(Echo.class)) {
            server.mixIn(mixIn);
            server.start();
            name = server.name();
            assertEquals("x", ask(server, "x"));
            workers = mixIn.workers().stream()
                    .flatMap(worker -> ProcessHandle.of(worker.pid()).stream())
                    .toList();
        }
        assertFalse(workers.isEmpty());
        assertTrue(workers.stream().noneMatch(ProcessHandle::isAlive), "no process");
        // Threads may still be exiting. The time-out of the test limits this loop.
        while (hasThreads(name)) {
            Thread.sleep(1);
        }
        assertFalse(hasThreads(name));
    }

    private static boolean hasThreads(String serverName) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .anyMatch(thread -> thread.startsWith(serverName) || thread.startsWith("socketserver worker "));
    }

    /** Sends its process id, and waits for a byte. */
    public static final class Pid implements RequestHandler<StreamRequest> {
        @Override
        public void handle(StreamRequest request) throws IOException {
            request.output().write((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8));
            request.input().read();
        }
    }

    private static long pid(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        InputStream input = socket.getInputStream();
        for (int next = input.read(); next != '\n'; next = input.read()) {
            if (next < 0) {
                throw new IOException("the end came after " + line);
            }
            line.append((char) next);
        }
        return Long.parseLong(line.toString());
    }

    @ParameterizedTest
    @EnumSource(
            value = HandOver.class,
            names = {"AUTO", "RELAY"})
    void workersAndTheirClientsAreListed(HandOver way) throws Exception {
        ForkingMixIn mixIn =
                WorkerCoverage.of(new ForkingMixIn().minIdle(1).maxChildren(2)).handOver(way);
        try (TcpServer server = server(Pid.class)) {
            server.mixIn(mixIn);
            server.start();
            try (Socket first = connect(server);
                    Socket second = connect(server)) {
                Set<Long> pids = Set.of(pid(first), pid(second));
                assertEquals(pids, mixIn.activeChildren());
                assertEquals(2, mixIn.active());
                assertFalse(mixIn.hasCapacity());
                assertEquals(
                        Set.of(first.getLocalPort(), second.getLocalPort()),
                        mixIn.workers().stream()
                                .filter(worker -> worker.phase() == Phase.BUSY)
                                .map(worker ->
                                        ((InetSocketAddress) worker.peer().orElseThrow()).getPort())
                                .collect(java.util.stream.Collectors.toSet()));
                // With a higher limit, one more request is accepted.
                mixIn.maxChildren(3);
                try (Socket third = connect(server)) {
                    assertFalse(pids.contains(pid(third)));
                    third.getOutputStream().write('x');
                }
                first.getOutputStream().write('x');
                second.getOutputStream().write('x');
                assertEquals(-1, first.getInputStream().read());
                assertEquals(-1, second.getInputStream().read());
            }
        }
    }

    @Test
    void aWorkerIsReplacedAfterItsNumberOfRequests() throws Exception {
        // The jitter must not overflow.
        ForkingMixIn mixIn = oneWorker().requestsPerChild(1).requestsPerChildJitter(Integer.MAX_VALUE);
        try (TcpServer server = server(Pid.class)) {
            server.mixIn(mixIn);
            server.start();
            long last = 0;
            for (int i = 0; i < 3; i++) {
                try (Socket socket = connect(server)) {
                    long pid = pid(socket);
                    assertTrue(pid != last, "a fresh process each time");
                    last = pid;
                    socket.getOutputStream().write('x');
                }
            }
        }
    }

    @Test
    void anIdleWorkerEndsAfterTheIdleTimeout() throws Exception {
        // Durations that do not fit into ns mean no limit.
        ForkingMixIn mixIn = WorkerCoverage.of(new ForkingMixIn())
                .minIdle(0)
                .idleTimeout(Duration.ofMillis(1))
                .startTimeout(Duration.ofDays(400_000))
                .heartbeatTimeout(Duration.ofDays(400_000));
        try (TcpServer server = server(Echo.class)) {
            server.mixIn(mixIn);
            server.start();
            assertEquals("x", ask(server, "x"));
            while (!mixIn.workers().isEmpty()) {
                Thread.sleep(1);
            }
            assertEquals("y", ask(server, "y"), "another worker starts");
        }
    }

    @Test
    void aSuspendedSurplusWorkerIsKilled() throws Exception {
        ForkingMixIn mixIn = WorkerCoverage.of(new ForkingMixIn().minIdle(2).maxChildren(2));
        try (TcpServer server = server(Echo.class)) {
            server.mixIn(mixIn);
            server.start();
            while (mixIn.workers().stream()
                            .filter(worker -> worker.phase() == Phase.IDLE)
                            .count()
                    < 2) {
                Thread.sleep(1);
            }
            for (WorkerState worker : mixIn.workers()) {
                assertEquals(
                        0,
                        new ProcessBuilder("kill", "-STOP", Long.toString(worker.pid()))
                                .start()
                                .waitFor());
            }
            mixIn.maxChildren(1);
            // Takes 5 s, which is less than the heartbeat time-out. The time-out of the test limits this loop.
            while (mixIn.workers().size() > 1) {
                Thread.sleep(1);
            }
            for (WorkerState worker : mixIn.workers()) {
                new ProcessBuilder("kill", "-CONT", Long.toString(worker.pid()))
                        .start()
                        .waitFor();
            }
            assertEquals("x", ask(server, "x"));
        }
    }

    /** Does what its client requests. */
    public static final class Obeys implements RequestHandler<StreamRequest> {
        private static volatile int spun;

        @Override
        @SuppressWarnings("InfiniteLoopStatement")
        public void handle(StreamRequest request) throws Exception {
            switch (request.input().read()) {
                case 'x' -> System.exit(3);
                case 'h' -> Runtime.getRuntime().halt(4);
                case 't' -> throw new IllegalStateException("boom");
                case 's' -> {
                    while (true) {
                        spun++;
                    }
                }
                case 'p' -> {
                    String value = System.getProperty("test.property", "none");
                    System.out.println("printed " + value);
                    request.output().write(value.getBytes(StandardCharsets.UTF_8));
                }
                default -> request.output().write('!');
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HandOver.class,
            names = {"AUTO", "RELAY"})
    void aWorkerThatExitsEndsOnlyItsRequest(HandOver way) throws Exception {
        ForkingMixIn mixIn = oneWorker().handOver(way);
        try (TcpServer server = server(Obeys.class)) {
            server.mixIn(mixIn);
            server.start();
            assertEquals("", ask(server, "x"));
            WorkerDiedException exit = assertInstanceOf(WorkerDiedException.class, errors.take());
            assertEquals(3, exit.exitStatus());
            assertEquals("", ask(server, "h"));
            assertEquals(
                    4,
                    assertInstanceOf(WorkerDiedException.class, errors.take()).exitStatus());
            assertEquals("!", ask(server, "?"));
        }
        assertTrue(errors.isEmpty(), errors::toString);
    }

    @Test
    void aKilledWorkerIsReportedWithItsSignal() throws Exception {
        ForkingMixIn mixIn = oneWorker();
        try (TcpServer server = server(Pid.class)) {
            server.mixIn(mixIn);
            server.start();
            try (Socket socket = connect(server)) {
                ProcessHandle.of(pid(socket)).orElseThrow().destroyForcibly();
                assertEquals(-1, socket.getInputStream().read());
            }
            assertEquals(
                    9,
                    assertInstanceOf(WorkerDiedException.class, errors.take()).signal());
            try (Socket socket = connect(server)) {
                assertTrue(pid(socket) > 0);
            }
        }
    }

    @Test
    void theWorkerOfARequestThatIgnoresItsDeadlineIsKilled() throws Exception {
        ServerOptions options =
                ServerOptions.DEFAULTS.deadline(org.socketserver.api.Deadline.REQUEST, Duration.ofMillis(100));
        ForkingMixIn mixIn = oneWorker();
        try (TcpServer server = new TcpServer(ANY_PORT, HandlerSource.ofClass(Obeys.class), options) {
            @Override
            protected void handleError(StreamRequest request, Throwable failure) {
                errors.add(failure);
            }
        }) {
            server.mixIn(mixIn);
            server.start();
            try (Socket socket = connect(server)) {
                socket.getOutputStream().write('s');
                // The end may be a reset, because a killed process has unread input.
                assertEnds(socket);
            }
            Throwable late = errors.take();
            assertSame(
                    Deadline.REQUEST,
                    assertInstanceOf(DeadlineException.class, late).deadline());
            assertInstanceOf(WorkerDiedException.class, late.getSuppressed()[0]);
            assertTrue(
                    late.getSuppressed()[0].getMessage().contains("took too long"), late.getSuppressed()[0]::toString);
        }
    }

    @Test
    void anExceptionOfAHandlerIsReportedWithItsStack() throws Exception {
        ForkingMixIn mixIn = oneWorker();
        try (TcpServer server = server(Obeys.class)) {
            server.mixIn(mixIn);
            server.start();
            assertEquals("", ask(server, "t"));
            HandlerException failure = assertInstanceOf(HandlerException.class, errors.take());
            assertEquals("java.lang.IllegalStateException: boom", failure.getMessage());
            assertEquals(Obeys.class.getName(), failure.getStackTrace()[0].getClassName());
            assertEquals("java.lang.IllegalStateException", failure.className());
        }
    }

    @Test
    void systemPropertiesReachTheWorkerAndItsOutputIsPrinted() throws Exception {
        java.io.PrintStream before = System.out;
        var printed = new java.io.ByteArrayOutputStream();
        ForkingMixIn mixIn = oneWorker().systemProperty("test.property", "a b=c");
        long pid;
        System.setOut(new java.io.PrintStream(printed, true, StandardCharsets.UTF_8));
        try (TcpServer server = server(Obeys.class)) {
            server.mixIn(mixIn);
            server.start();
            assertEquals("a b=c", ask(server, "p"), "without the printed text");
            pid = mixIn.workers().get(0).pid();
        } finally {
            System.setOut(before);
        }
        assertTrue(
                printed.toString(StandardCharsets.UTF_8).contains("[" + pid + "] printed a b=c"),
                () -> printed.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aRelayTransfersAllBytesToSlowReaders() throws Exception {
        ForkingMixIn mixIn = oneWorker().handOver(HandOver.RELAY);
        try (TcpServer server = server(Echo.class)) {
            server.mixIn(mixIn);
            server.start();
            byte[] sent = new byte[1 << 20];
            new java.util.Random(1).nextBytes(sent);
            try (Socket socket = connect(server)) {
                Thread writer = new Thread(() -> {
                    try (OutputStream output = socket.getOutputStream()) {
                        output.write(sent);
                        socket.shutdownOutput();
                        Thread.currentThread().join();
                    } catch (IOException | InterruptedException over) {
                        // The test reads the rest below.
                    }
                });
                writer.setDaemon(true);
                writer.start();
                byte[] back = socket.getInputStream().readAllBytes();
                org.junit.jupiter.api.Assertions.assertArrayEquals(sent, back);
                writer.interrupt();
                writer.join();
            }
        }
    }

    // Worker starts

    @Test
    void bindFailsWithTheOutputOfAWorkerThatCannotStart() throws Exception {
        ForkingMixIn mixIn = new ForkingMixIn().workerOption("-XX:NoSuchOption");
        try (TcpServer server = server(Echo.class)) {
            server.mixIn(mixIn);
            WorkerStartException failure = assertThrows(WorkerStartException.class, server::bind);
            assertTrue(failure.getMessage().contains("exit status 1; it printed:"), failure.getMessage());
            assertTrue(failure.getMessage().contains("NoSuchOption"), failure.getMessage());
            assertEquals(List.of(), mixIn.workers());
        }
    }

    /** A handler whose initialization fails in workers. */
    public static final class Unloadable implements RequestHandler<StreamRequest> {
        static {
            if (System.getProperty("test.property") != null) {
                throw new IllegalStateException("not here");
            }
        }

        @Override
        public void handle(StreamRequest request) {}
    }

    @Test
    void bindFailsWithTheReasonIfAWorkerCannotCreateHandlers() throws Exception {
        ForkingMixIn mixIn = oneWorker().systemProperty("test.property", "x");
        try (TcpServer server = server(Unloadable.class)) {
            server.mixIn(mixIn);
            WorkerStartException failure = assertThrows(WorkerStartException.class, server::bind);
            assertTrue(
                    failure.getMessage().contains("it can't make handlers: java.lang.ExceptionInInitializerError"),
                    failure.getMessage());
            assertTrue(
                    failure.getMessage().contains("; the cause: java.lang.IllegalStateException: not here;"),
                    failure.getMessage());
        }
    }

    @Test
    void afterFiveFailedStartsServingEndsAndTheRequestFails() throws Exception {
        ForkingMixIn mixIn = new ForkingMixIn().minIdle(0).workerOption("-XX:NoSuchOption");
        try (TcpServer server = server(Echo.class)) {
            server.mixIn(mixIn);
            server.bind();
            try (Socket socket = connect(server)) {
                WorkerStartException failure = assertThrows(WorkerStartException.class, server::serveForever);
                assertTrue(
                        failure.getMessage().startsWith("no worker becomes ready, tried 5 times; the last: worker "),
                        failure.getMessage());
                assertEquals(-1, socket.getInputStream().read());
                assertInstanceOf(WorkerStartException.class, errors.take());
            }
            // The slot is returned last.
            while (mixIn.active() > 0) {
                Thread.sleep(1);
            }
        }
    }
}
