package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.socketserver.mixins.wire.ChannelLink;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.FrameType;
import org.socketserver.mixins.wire.Hello;

/** Who comes to the socket of a worker and is not that worker is sent away, and the worker becomes ready all the same. */
@Timeout(120)
class StrangersTest {
    private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

    private final Set<Path> before = folders();

    private SocketChannel stranger;

    @AfterEach
    void leave() throws IOException {
        stranger.close();
    }

    /** What a stranger does. */
    enum Stranger {
        SAYS_RUBBISH {
            @Override
            void visit(SocketChannel channel) throws IOException {
                channel.write(ByteBuffer.wrap(new byte[] {99, 98, 97, 96, 95, 94}));
            }
        },
        ANNOUNCES_TOO_MUCH {
            @Override
            void visit(SocketChannel channel) throws IOException {
                channel.write(ByteBuffer.wrap(new byte[] {(byte) FrameType.HELLO.ordinal(), 127, 1, 1, 1}));
            }
        },
        SHOWS_A_WRONG_SECRET {
            @Override
            void visit(SocketChannel channel) throws IOException {
                new ControlChannel(new ChannelLink(channel))
                        .send(
                                FrameType.HELLO,
                                new Hello(4_711, ProcessHandle.current().pid())::writeTo);
            }
        },
        GOES_AT_ONCE {
            @Override
            void visit(SocketChannel channel) throws IOException {
                channel.close();
            }
        },
        STAYS_SILENT {
            @Override
            void visit(SocketChannel channel) {}
        };

        abstract void visit(SocketChannel channel) throws IOException;
    }

    @ParameterizedTest
    @CsvSource({
        "TCP_RELAY, SAYS_RUBBISH",
        "TCP_RELAY, ANNOUNCES_TOO_MUCH",
        "TCP_RELAY, SHOWS_A_WRONG_SECRET",
        "TCP_RELAY, GOES_AT_ONCE",
        "TCP_RELAY, STAYS_SILENT",
        "UNIX_DESCRIPTOR, SAYS_RUBBISH",
        "UNIX_DESCRIPTOR, SHOWS_A_WRONG_SECRET",
        "UNIX_DESCRIPTOR, GOES_AT_ONCE",
        "UNIX_DESCRIPTOR, STAYS_SILENT"
    })
    void strangersAreSentAwayAndTheWorkerBecomesReady(ForkingSetup setup, Stranger who) throws Exception {
        try (ForkedServer server = setup.server(Saboteur.class, workers -> workers.minIdle(1))) {
            FutureTask<Void> starting = ServingTest.inBackground(server::start);
            stranger = visit();
            who.visit(stranger);
            starting.get(60, TimeUnit.SECONDS);
            assertEquals("ready", server.ask("ready"));
            assertTrue(
                    server.log().messages(Level.WARNING).stream()
                            .anyMatch(message -> message.contains("somebody who is not worker")),
                    server::toString);
        }
    }

    /** Comes to the first socket of a worker, as soon as it is there. */
    private SocketChannel visit() throws IOException, InterruptedException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        ForkedServer.await(
                () -> socket().filter(path -> connects(channel, path)).isPresent(), () -> "no socket");
        return channel;
    }

    private static boolean connects(SocketChannel channel, Path path) {
        try {
            return channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException notYet) {
            return false;
        }
    }

    private Optional<Path> socket() {
        for (Path folder : folders()) {
            if (!before.contains(folder)) {
                try (Stream<Path> sockets = Files.list(folder)) {
                    Optional<Path> first = sockets.findFirst();
                    if (first.isPresent()) {
                        return first;
                    }
                } catch (IOException gone) {
                    // Of another server.
                }
            }
        }
        return Optional.empty();
    }

    private static Set<Path> folders() {
        try (Stream<Path> all = Files.list(TEMPORARY)) {
            return all.filter(path -> path.getFileName().toString().startsWith("socketserver-"))
                    .collect(Collectors.toSet());
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }
}
