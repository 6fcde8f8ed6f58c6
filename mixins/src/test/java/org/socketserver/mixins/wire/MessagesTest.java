package org.socketserver.mixins.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.mixins.wire.Assignment.Kind;

class MessagesTest {
    private static final InetSocketAddress LOCAL = new InetSocketAddress("127.0.0.1", 80);
    private static final InetSocketAddress REMOTE = new InetSocketAddress("::1", 50_000);
    private static final List<StackTraceElement> STACK =
            List.of(new StackTraceElement("a.B", "run", "B.java", 7), new StackTraceElement("a.C", "main", null, -2));

    private static final Assignment PACKET =
            new Assignment(7, Kind.PACKET, true, false, LOCAL, REMOTE, List.of(), true, 512, new byte[] {1, 2, 3});
    private static final OwnDeadlines DEADLINES = new OwnDeadlines(
            5, Map.of(Deadline.IDLE, Duration.ofMillis(Long.MAX_VALUE), Deadline.WRITE, Duration.ZERO));
    private static final Done DONE = new Done(
            3,
            RequestOutcome.TIMED_OUT,
            true,
            1L << 40,
            2,
            new DeadlineException(Deadline.READ, "late"),
            ByteBuffer.wrap(new byte[] {7}));

    /** A reader of one kind of message. */
    interface Reader {
        Object from(DataInputStream input) throws IOException;
    }

    static Stream<Arguments> messages() {
        return Stream.of(
                message("order", new Order(Path.of("/tmp/x/1"), -5, true)::writeTo, Order::read),
                message("hello", new Hello(Long.MIN_VALUE, 4711, true)::writeTo, Hello::read),
                message("identity", new Identity("tcp 127.0.0.1:80", LOCAL)::writeTo, Identity::read),
                message("deadlines", DEADLINES::writeTo, OwnDeadlines::read),
                message("setup", setup()::writeTo, Setup::read),
                message("assignment", PACKET::writeTo, Assignment::read),
                message("beat", new Beat(1, true, 2, 3, STACK)::writeTo, Beat::read),
                message("done", DONE::writeTo, Done::read),
                message("reply", new Reply(9, new IOException("no route"))::writeTo, Reply::read));
    }

    private static Arguments message(String name, ControlChannel.Body body, Reader reader) {
        return Arguments.of(Named.of(name, body), reader);
    }

    private static Setup setup() {
        return new Setup(
                "a.Handler",
                "tcp",
                new Identity("n", LOCAL),
                ServerOptions.builder().backlog(7).build());
    }

    private static byte[] bytes(ControlChannel.Body body) throws IOException {
        return Wire.bytes(output -> body.writeTo((java.io.DataOutputStream) output));
    }

    private static <T> T carried(ControlChannel.Body body, Read<T> read) throws IOException {
        return read.from(Wire.input(bytes(body)));
    }

    /** A typed reader. */
    interface Read<T> {
        T from(DataInputStream input) throws IOException;
    }

    @Test
    void messagesArriveAsTheyWereSent() throws Exception {
        Order order = new Order(Path.of("/tmp/f\u00f6lder/1"), -5, true);
        assertEquals(order, carried(order::writeTo, Order::read));
        Hello hello = new Hello(Long.MIN_VALUE, 4711, true);
        assertEquals(hello, carried(hello::writeTo, Hello::read));
        Identity identity = new Identity("udp \u00fc", REMOTE);
        assertEquals(identity, carried(identity::writeTo, Identity::read));
        Beat beat = new Beat(Long.MAX_VALUE, true, 5, 6, STACK);
        assertEquals(beat, carried(beat::writeTo, Beat::read));
        assertEquals(DEADLINES, carried(DEADLINES::writeTo, OwnDeadlines::read));
        Reply sent = new Reply(2, null);
        assertEquals(sent, carried(sent::writeTo, Reply::read));
        Done fine = new Done(1, RequestOutcome.DONE, false, 10, 20, null);
        assertEquals(fine, carried(fine::writeTo, Done::read));
    }

    @Test
    void aSetupArrivesWithItsOptions() throws Exception {
        Setup carried = carried(setup()::writeTo, Setup::read);
        assertEquals("a.Handler", carried.handlerClass());
        assertEquals("tcp", carried.transport());
        assertEquals(new Identity("n", LOCAL), carried.server());
        assertEquals(7, carried.options().backlog());
    }

    @Test
    void aPacketArrivesWithItsBytesAndABoundForReplies() throws Exception {
        Assignment carried = carried(PACKET::writeTo, Assignment::read);
        assertArrayEquals(new byte[] {1, 2, 3}, carried.data());
        assertEquals(512, carried.maxReplySize());
        assertEquals(Kind.PACKET, carried.kind());
        assertTrue(carried.truncated() && carried.stopping());
        assertEquals(List.of(LOCAL, REMOTE), List.of(carried.local(), carried.remote()));
    }

    @Test
    void aConnectionArrivesWithTheFactsOfItsPeer() throws Exception {
        // Any portable value may be a fact.
        Assignment sent = Assignment.connection(1, true, false, true, LOCAL, REMOTE, List.of(REMOTE));
        Assignment carried = carried(sent::writeTo, Assignment::read);
        assertEquals(Kind.DESCRIPTOR, carried.kind());
        assertEquals(List.of(REMOTE), carried.facts());
        assertEquals(
                Kind.RELAY,
                Assignment.connection(1, false, false, false, LOCAL, REMOTE, List.of())
                        .kind());
    }

    @Test
    void aFailureArrivesAsWhatIsDecidedBy() throws Exception {
        Done carried = carried(DONE::writeTo, Done::read);
        DeadlineException late = assertInstanceOf(DeadlineException.class, carried.failure());
        assertSame(Deadline.READ, late.deadline());
        assertEquals("late", late.getMessage());
        assertEquals(1L << 40, carried.bytesIn());
        Reply notSent = new Reply(9, new ProtocolException("no"));
        assertEquals(
                "no",
                Objects.requireNonNull(carried(notSent::writeTo, Reply::read).failure())
                        .getMessage());
    }

    @Test
    void ofADeepStackTheInnermost64FramesArrive() throws Exception {
        Beat deep = new Beat(1, false, 0, 0, Collections.nCopies(1_000, STACK.get(0)));
        assertEquals(
                Collections.nCopies(64, STACK.get(0)),
                carried(deep::writeTo, Beat::read).stack());
        byte[] forged = bytes(new Beat(1, false, 0, 0, List.of())::writeTo);
        forged[forged.length - 1] = 65;
        assertEquals("a stack of 65 frames; the most is 64", refused(forged, Beat::read));
    }

    @Test
    void deadlinesThatNobodyCanSetAreRefused() throws Exception {
        byte[] sent = bytes(new OwnDeadlines(5, Map.of(Deadline.READ, Duration.ofMillis(7)))::writeTo);
        byte[] unknown = sent.clone();
        unknown[9] = 4;
        assertEquals("a deadline 4 of 7 ms; there are 0 to 3, of 0 ms and more", refused(unknown, OwnDeadlines::read));
        byte[] negative = sent.clone();
        negative[10] = (byte) 0x80;
        assertTrue(refused(negative, OwnDeadlines::read).startsWith("a deadline 2 of -"));
    }

    @Test
    void anotherVersionOfTheProtocolIsRefusedWithBothNumbers() throws Exception {
        byte[] other = bytes(new Hello(1, 2, false)::writeTo);
        other[4]++;
        assertEquals(
                "speaks version 2 of the protocol, this is 1; are there two releases on the class path?",
                refused(other, Hello::read));
    }

    @Test
    void whoeverDoesNotBeginAsAWorkerIsRefused() {
        assertEquals(
                "begins with 47455420, so it is no worker",
                refused(
                        "GET / HTTP/1.1\r\nHost: x\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                        Hello::read));
    }

    @Test
    void codesThatNobodyKnowsAreRefusedWithThoseThatThereAre() throws Exception {
        byte[] kind = bytes(PACKET::writeTo);
        kind[8] = 3;
        assertEquals("a request of kind 3; there are 0 to 2", refused(kind, Assignment::read));
        byte[] outcome = bytes(DONE::writeTo);
        outcome[8] = (byte) 200;
        assertEquals(
                "an outcome 200; the greatest is " + (RequestOutcome.values().length - 1),
                refused(outcome, Done::read));
        assertEquals(
                "message type 255; there are types 0 to " + (FrameType.values().length - 1),
                assertThrows(ProtocolException.class, () -> FrameType.of(255)).getMessage());
    }

    @Test
    void aPathThatCannotBeOneIsRefused() throws Exception {
        byte[] path = bytes(new Order(Path.of("/x"), 1, false)::writeTo);
        path[2] = (byte) 0xc0;
        path[3] = (byte) 0x80; // The zero character, as DataOutput writes it.
        assertTrue(refused(path, Order::read).startsWith("the path of a socket: Nul character"));
    }

    @Test
    void aMessageOfAnotherTypeThanExpectedIsRefused() {
        Frame frame = new Frame(FrameType.PONG, new byte[0]);
        assertEquals(
                "a message PONG where HELLO had to come",
                assertThrows(ProtocolException.class, () -> frame.expect(FrameType.HELLO))
                        .getMessage());
        assertNull(Beat.NONE.stack().stream().findFirst().orElse(null));
    }

    private static String refused(byte[] bytes, Reader reader) {
        return assertThrows(ProtocolException.class, () -> reader.from(Wire.input(bytes)))
                .getMessage();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aTruncatedMessageIsRefused(ControlChannel.Body body, Reader reader) throws Exception {
        byte[] whole = bytes(body);
        for (int length = 0; length < whole.length; length++) {
            byte[] part = java.util.Arrays.copyOf(whole, length);
            if (!isPacket(whole, length)) {
                assertThrows(IOException.class, () -> reader.from(Wire.input(part)), "of " + length + " bytes");
            }
        }
    }

    /** The bytes of a packet end where the message ends, so fewer of them are a packet too. */
    private static boolean isPacket(byte[] whole, int length) throws IOException {
        return java.util.Arrays.equals(whole, bytes(PACKET::writeTo)) && length >= whole.length - PACKET.data().length;
    }

    @ParameterizedTest
    @MethodSource("messages")
    void spoiltBytesAreAnIoErrorAndNothingWorse(ControlChannel.Body body, Reader reader) throws Exception {
        Wire.spoil(bytes(body), input -> reader.from((DataInputStream) input));
    }
}
