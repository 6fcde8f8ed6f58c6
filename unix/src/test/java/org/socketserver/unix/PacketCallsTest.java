package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.socketserver.api.DisconnectedException;

/** Both implementations of receiving and sending packets behave the same. */
class PacketCallsTest {
    private static final int LARGE = 50_000;

    @TempDir
    private Path folder;

    private final UnixAddress own = Peers.freshName();
    private final List<AutoCloseable> open = new ArrayList<>();
    private AFUNIXDatagramChannel server;

    /** The implementations. */
    enum Way {
        LIBRARY {
            @Override
            PacketCalls of(AFUNIXDatagramChannel channel) {
                return new LibraryPackets(channel);
            }
        },
        KERNEL {
            @Override
            PacketCalls of(AFUNIXDatagramChannel channel) throws IOException {
                Assumptions.assumeTrue(KernelCalls.available(), "needs Java 22 and Linux");
                return new KernelPackets(channel);
            }
        };

        abstract PacketCalls of(AFUNIXDatagramChannel channel) throws IOException;
    }

    private PacketCalls calls(Way way) throws IOException {
        server = peer(own);
        server.configureBlocking(false);
        PacketCalls calls = way.of(server);
        open.add(0, calls);
        return calls;
    }

    private AFUNIXDatagramChannel peer(UnixAddress address) throws IOException {
        AFUNIXDatagramChannel channel = Peers.datagram(address);
        open.add(channel);
        return channel;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable UnixAddress received(PacketCalls calls, String expected) throws IOException {
        ByteBuffer target = ByteBuffer.allocateDirect(2 * LARGE);
        UnixAddress sender = calls.receive(target);
        byte[] text = new byte[target.flip().remaining()];
        target.get(text);
        assertEquals(expected, new String(text, StandardCharsets.UTF_8));
        return sender;
    }

    @ParameterizedTest
    @EnumSource
    void packetsOfAllSizesAreReceivedAndSent(Way way) throws IOException {
        PacketCalls calls = calls(way);
        for (UnixAddress name : List.of(UnixAddress.path(folder.resolve("peer")), Peers.freshName())) {
            AFUNIXDatagramChannel peer = peer(name);
            for (String text : List.of("a", "packet", "x".repeat(LARGE))) {
                Peers.send(peer, text, own);
                UnixAddress sender = received(calls, text);
                assertEquals(name, sender);
                ByteBuffer answer = bytes("re " + text);
                assertTrue(calls.offer(answer, sender));
                assertFalse(answer.hasRemaining());
                assertEquals("re " + text, Peers.receive(peer));
            }
        }
        assertNull(received(calls, ""), "no packet is waiting");
    }

    @ParameterizedTest
    @EnumSource
    void anUnnamedSenderCannotBeAnswered(Way way) throws IOException {
        PacketCalls calls = calls(way);
        Peers.send(peer(UnixAddress.unnamed()), "who", own);
        UnixAddress sender = received(calls, "who");
        assertNotNull(sender);
        assertTrue(sender.isUnnamed());
        assertThrows(DisconnectedException.class, () -> calls.offer(bytes("you"), sender));
    }

    @ParameterizedTest
    @EnumSource
    void aClosedReceiverIsADisconnect(Way way) throws IOException {
        PacketCalls calls = calls(way);
        Path file = folder.resolve("gone");
        AFUNIXDatagramChannel peer = peer(UnixAddress.path(file));
        peer.setDeleteOnClose(false);
        peer.close();
        DisconnectedException refused =
                assertThrows(DisconnectedException.class, () -> calls.offer(bytes("a"), UnixAddress.path(file)));
        assertTrue(refused.getMessage().startsWith(file + " can't be reached: "), refused.getMessage());
        Files.delete(file);
        assertThrows(DisconnectedException.class, () -> calls.offer(bytes("a"), UnixAddress.path(file)));
        assertThrows(DisconnectedException.class, () -> calls.offer(bytes("a"), Peers.freshName()));
        UnixAddress name = Peers.freshName();
        AFUNIXDatagramChannel next = peer(name);
        assertTrue(calls.offer(bytes("b"), name));
        assertEquals("b", Peers.receive(next));
    }

    @ParameterizedTest
    @EnumSource
    void anUnreachableReceiverIsADisconnect(Way way) throws Exception {
        PacketCalls calls = calls(way);
        Path stream = folder.resolve("stream");
        open.add(ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(stream)));
        assertUnreachable("Protocol wrong type for socket", calls, stream);
        assertUnreachable("Connection refused", calls, Files.createFile(folder.resolve("file")));
        assertUnreachable("Not a directory", calls, folder.resolve("file/peer"));
        Path loop = folder.resolve("loop");
        assertUnreachable("Too many levels of symbolic links", calls, Files.createSymbolicLink(loop, loop));
        Path elsewhere = folder.resolve("elsewhere");
        UnixAddress other = Peers.freshName();
        peer(other);
        peer(UnixAddress.path(elsewhere)).connect(other.forLibrary());
        assertUnreachable("Operation not permitted", calls, elsewhere);
        assertTrue(calls.offer(bytes("a"), other), "other receivers are served");
    }

    private static void assertUnreachable(String reason, PacketCalls calls, Path target) {
        assertEquals(
                target + " can't be reached: " + reason,
                assertThrows(DisconnectedException.class, () -> calls.offer(bytes("a"), UnixAddress.path(target)))
                        .getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void aFullQueueConsumesNoBytes(Way way) throws IOException {
        PacketCalls calls = calls(way);
        UnixAddress name = Peers.freshName();
        AFUNIXDatagramChannel peer = peer(name);
        int taken = 0;
        ByteBuffer packet = bytes("packet");
        while (calls.offer(packet.rewind(), name)) {
            taken++;
        }
        assertEquals(6, packet.remaining());
        for (int count = 0; count < taken; count++) {
            assertEquals("packet", Peers.receive(peer));
        }
        assertTrue(calls.offer(packet, name));
    }

    @ParameterizedTest
    @EnumSource
    void sendingAfterCloseThrows(Way way) throws IOException {
        PacketCalls calls = calls(way);
        UnixAddress name = Peers.freshName();
        peer(name);
        assertTrue(calls.offer(bytes("a"), name));
        calls.close();
        assertThrows(ClosedChannelException.class, () -> calls.offer(bytes("b"), name));
    }

    @Test
    void receivingAfterCloseThrows() throws IOException {
        PacketCalls calls = calls(Way.KERNEL);
        Peers.send(peer(Peers.freshName()), "a", own);
        calls.close();
        assertThrows(ClosedChannelException.class, () -> calls.receive(ByteBuffer.allocateDirect(10)));
    }

    @Test
    void anotherErrorOfTheKernelIsReportedWithItsMessage() throws IOException {
        PacketCalls calls = calls(Way.KERNEL);
        UnixAddress name = Peers.freshName();
        peer(name);
        // EMSGSIZE: larger than the send buffer.
        IOException failure = assertThrows(IOException.class, () -> calls.offer(ByteBuffer.allocate(4_000_000), name));
        assertEquals("sendto " + name + " failed: Message too long", failure.getMessage());
    }

    @Test
    void closingTheChannelElsewhereDoesNotFreeTheDescriptor() throws IOException {
        PacketCalls calls = calls(Way.KERNEL);
        UnixAddress name = Peers.freshName();
        AFUNIXDatagramChannel peer = peer(name);
        Peers.send(peer, "before", own);
        server.close();
        // The next socket reuses the lowest free number.
        AFUNIXDatagramChannel other = peer(Peers.freshName());
        assertEquals(name, received(calls, "before"));
        // junixsocket has shut the socket down.
        assertThrows(DisconnectedException.class, () -> calls.offer(bytes("after"), name));
        assertNull(received(calls, ""));
        Peers.send(other, "mine", name);
        assertEquals("mine", Peers.receive(peer));
    }

    @Test
    void aHeapOrReadOnlyBufferIsRejected() throws IOException {
        PacketCalls calls = calls(Way.KERNEL);
        for (ByteBuffer unfit :
                List.of(ByteBuffer.allocate(10), ByteBuffer.allocateDirect(10).asReadOnlyBuffer())) {
            String message = assertThrows(IllegalArgumentException.class, () -> calls.receive(unfit))
                    .getMessage();
            assertEquals(unfit + " is not a writable direct buffer", message);
        }
    }

    @Test
    void kernelCallsAreAvailableOnLinuxSinceJava22() {
        boolean known = System.getProperty("os.name").startsWith("Linux")
                && List.of("amd64", "aarch64").contains(System.getProperty("os.arch"));
        assertEquals(known && Runtime.version().feature() >= 22, KernelCalls.available());
    }
}
