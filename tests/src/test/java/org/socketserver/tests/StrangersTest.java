package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.FrameType;
import org.socketserver.mixins.forking.wire.Messages.Hello;

/** A stranger that connects to a worker's socket is rejected, and the worker still becomes ready. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "looks in /proc for the socket of a worker")
@Timeout(120)
class StrangersTest {
    private static final String FOLDERS =
            Path.of(System.getProperty("java.io.tmpdir"), "socketserver-").toString();
    private static final int INODE = 6;
    private static final int PATH = 7;
    private static final int ROUNDS = 10;

    enum Stranger {
        SENDS_GARBAGE {
            @Override
            void visit(SocketChannel channel) throws IOException {
                channel.write(ByteBuffer.wrap("rubbish, and more of it".getBytes(StandardCharsets.US_ASCII)));
            }
        },
        ANNOUNCES_TOO_LONG_A_FRAME {
            @Override
            void visit(SocketChannel channel) throws IOException {
                channel.write(ByteBuffer.allocate(13)
                        .put((byte) FrameType.HELLO.ordinal())
                        .putLong(0)
                        .putInt(Integer.MAX_VALUE)
                        .flip());
            }
        },
        SENDS_A_WRONG_SECRET {
            @Override
            void visit(SocketChannel channel) throws IOException {
                ControlChannel.over(channel)
                        .send(
                                FrameType.HELLO,
                                0,
                                new Hello(4_711, ProcessHandle.current().pid())::writeTo);
            }
        },
        DISCONNECTS {
            @Override
            void visit(SocketChannel channel) throws IOException {
                channel.close();
            }
        },
        SENDS_NOTHING {
            @Override
            void visit(SocketChannel channel) {}
        };

        abstract void visit(SocketChannel channel) throws IOException;
    }

    @ParameterizedTest
    @CsvSource({
        "TCP_RELAY, SENDS_GARBAGE",
        "TCP_RELAY, ANNOUNCES_TOO_LONG_A_FRAME",
        "TCP_RELAY, SENDS_A_WRONG_SECRET",
        "TCP_RELAY, DISCONNECTS",
        "TCP_RELAY, SENDS_NOTHING",
        "UNIX_DESCRIPTOR, SENDS_GARBAGE",
        "UNIX_DESCRIPTOR, SENDS_A_WRONG_SECRET",
        "UNIX_DESCRIPTOR, DISCONNECTS",
        "UNIX_DESCRIPTOR, SENDS_NOTHING"
    })
    void strangersAreRejectedAndTheWorkerBecomesReady(ForkingSetup setup, Stranger stranger) throws Exception {
        int round = 0;
        while (!isRejected(setup, stranger)) {
            assertTrue(++round < ROUNDS, stranger + " connected too late or was not rejected");
        }
    }

    /**
     * Returns whether a stranger connected before the worker and was rejected. The worker must become ready in any
     * case.
     */
    private boolean isRejected(ForkingSetup setup, Stranger stranger) throws Exception {
        try (ForkedServer server = setup.server(Saboteur.class, workers -> workers.minIdle(1))) {
            FutureTask<Void> starting = ServingTest.inBackground(server::start);
            boolean came;
            try (SocketChannel channel = visit(starting)) {
                came = channel.isConnected();
                if (came) {
                    stranger.visit(channel);
                }
                starting.get(60, TimeUnit.SECONDS);
            }
            assertEquals("ready", server.ask("ready"));
            // A disconnect without a message is not logged.
            return (came && stranger == Stranger.DISCONNECTS)
                    || server.log().messages(Level.WARNING).stream()
                            .anyMatch(message -> message.contains("rejected: "));
        }
    }

    /** Connects to the first socket of a worker as soon as it exists. */
    private SocketChannel visit(FutureTask<Void> starting) throws IOException, InterruptedException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        while (!starting.isDone()
                && socket().filter(path -> connects(channel, path)).isEmpty()) {
            Thread.sleep(1);
        }
        return channel;
    }

    private static boolean connects(SocketChannel channel, Path path) {
        try {
            return channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Returns the socket on which this process waits for a worker. Other processes may wait at the same time. */
    private static Optional<Path> socket() throws IOException {
        Set<String> own = ownSockets();
        try (Stream<String> sockets = Files.lines(Path.of("/proc/net/unix"))) {
            return sockets.map(line -> line.trim().split("\\s+"))
                    .filter(columns -> columns.length > PATH && columns[PATH].startsWith(FOLDERS))
                    .filter(columns -> own.contains("socket:[" + columns[INODE] + "]"))
                    .map(columns -> Path.of(columns[PATH]))
                    .findFirst();
        }
    }

    private static Set<String> ownSockets() throws IOException {
        Set<String> names = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    names.add(Files.readSymbolicLink(descriptor).toString());
                } catch (IOException closedMeanwhile) {
                    // It is not the wanted one.
                }
            }
        }
        return names;
    }
}
