package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.tcp.TcpServer;
import org.socketserver.udp.UdpServer;
import org.socketserver.unix.UnixAddress;
import org.socketserver.unix.UnixDatagramServer;
import org.socketserver.unix.UnixStreamServer;

/** Starting and stopping a server a thousand times leaks no descriptor and no thread. */
class RestartTest {
    private static final int ROUNDS = Setup.EXHAUSTIVE ? 1_000 : 150;

    private CapturedLog log;

    @BeforeEach
    void keepLog() {
        log = CapturedLog.begin();
    }

    @AfterEach
    void releaseLog() {
        log.close();
    }

    private static int descriptors() {
        String[] open = new File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }

    /** Returns the number of live server threads, without those that the JDK and the deadlines share. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.endsWith(" accept") || name.contains(" < ") || name.equals("socketserver-idle"))
                .count();
    }

    private interface Round {
        void run(int number) throws Exception;
    }

    private static void assertNoLeak(int rounds, Round round) throws Exception {
        for (int i = 0; i < 20; i++) {
            round.run(i);
        }
        int before = descriptors();
        for (int i = 0; i < rounds; i++) {
            round.run(i);
        }
        // A few may be the JDK's own, opened on first use. A leak would be one per round.
        assertTrue(descriptors() <= before + 10, "descriptors before: " + before + ", after: " + descriptors());
        long began = System.nanoTime();
        while (threads() > 0 && ServingTest.millisSince(began) < 5_000) {
            Thread.sleep(5);
        }
        assertEquals(0, threads());
    }

    @Test
    void manySuccessiveServersOnOneTcpPort() throws Exception {
        InetSocketAddress address = Ports.free();
        assertNoLeak(ROUNDS, number -> {
            try (TcpServer server = new TcpServer(address, Handlers.ONE_LINE)) {
                if (number % 2 == 0) {
                    server.mixIn(Concurrency.PLATFORM.threading());
                }
                server.start();
                if (number % 10 == 0) {
                    try (StreamClient client = new StreamClient(SocketChannel.open(address))) {
                        assertEquals("got it", client.ask("it"));
                    }
                }
            }
        });
    }

    @Test
    void manySuccessiveServersOnOneUdpPort() throws Exception {
        InetSocketAddress address = Ports.free();
        assertNoLeak(ROUNDS, number -> {
            try (UdpServer server = new UdpServer(address, Handlers.ONE_LINE)) {
                server.start();
                if (number % 10 == 0) {
                    DatagramChannel channel = DatagramChannel.open().bind(Transport.LOOPBACK);
                    try (DatagramClient client = new DatagramClient(channel, channel.getLocalAddress(), address)) {
                        assertEquals("got it", client.ask("it"));
                    }
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void manyFailedBindsOfATakenPort(boolean tcp) throws Exception {
        try (BaseServer<?> first = tcp
                ? new TcpServer(Transport.LOOPBACK, Handlers.ECHO)
                : new UdpServer(Transport.LOOPBACK, Handlers.ECHO)) {
            first.bind();
            InetSocketAddress taken = (InetSocketAddress) first.address();
            assertNoLeak(
                    ROUNDS,
                    number -> assertThrows(
                            BindException.class,
                            tcp
                                    ? new TcpServer(taken, Handlers.ECHO)::serveForever
                                    : new UdpServer(taken, Handlers.ECHO)::serveForever));
        }
    }

    private static void unixServers(UnixAddress address, Transport transport, Function<UnixAddress, BaseServer<?>> make)
            throws Exception {
        assertNoLeak(ROUNDS / 3, number -> {
            try (BaseServer<?> server = make.apply(address)) {
                server.start();
                if (number % 10 == 0) {
                    try (Client client = transport.client(address)) {
                        assertEquals("got it", client.ask("it"));
                    }
                }
            }
            address.path().ifPresent(path -> assertTrue(Files.notExists(path), "the file is removed"));
        });
    }

    @Test
    void manySuccessiveServersOnOneSocketFile() throws Exception {
        unixServers(SocketNames.path(), Transport.UNIX, address -> new UnixStreamServer(address, Handlers.ONE_LINE));
        unixServers(
                SocketNames.path(),
                Transport.UNIX_DATAGRAM,
                address -> new UnixDatagramServer(address, Handlers.ONE_LINE));
    }

    @Test
    void manySuccessiveServersOnOneAbstractName() throws Exception {
        unixServers(
                SocketNames.abstractName(),
                Transport.UNIX_ABSTRACT,
                address -> new UnixStreamServer(address, Handlers.ONE_LINE));
        unixServers(
                SocketNames.abstractName(),
                Transport.UNIX_DATAGRAM_ABSTRACT,
                address -> new UnixDatagramServer(address, Handlers.ONE_LINE));
    }

    @ParameterizedTest
    @EnumSource
    void oneServerStartedAndShutDownManyTimes(Transport transport) throws Exception {
        Hooks hooks = new Hooks();
        try (BaseServer<?> server = transport.server(() -> Handlers.ONE_LINE, ServerOptions.DEFAULTS, hooks)) {
            server.mixIn(Concurrency.PLATFORM.threading());
            assertNoLeak(ROUNDS, number -> {
                server.start();
                if (number % 50 == 0) {
                    try (Client client = transport.client(server.address())) {
                        assertEquals("got it", client.ask("it"));
                    }
                }
                server.shutdown();
                hooks.clear();
            });
        }
    }
}
