package org.socketserver.mixins.forking.wire;

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
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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
import org.socketserver.mixins.forking.wire.Messages.Assignment;
import org.socketserver.mixins.forking.wire.Messages.Done;
import org.socketserver.mixins.forking.wire.Messages.Heartbeat;
import org.socketserver.mixins.forking.wire.Messages.Hello;
import org.socketserver.mixins.forking.wire.Messages.Identity;
import org.socketserver.mixins.forking.wire.Messages.Kind;
import org.socketserver.mixins.forking.wire.Messages.Start;

class MessagesTest {
    private static final InetSocketAddress LOCAL = new InetSocketAddress("127.0.0.1", 80);
    private static final InetSocketAddress REMOTE = new InetSocketAddress("::1", 50_000);
    private static final List<StackTraceElement> STACK =
            List.of(new StackTraceElement("a.B", "run", "B.java", 7), new StackTraceElement("a.C", "main", null, -2));

    private static final Identity SERVER = new Identity("tcp 127.0.0.1:80", LOCAL);

    private static final Assignment PACKET = new Assignment(
            SERVER, Kind.PACKET, true, LOCAL, REMOTE, List.of(), Map.of(), true, 512, new byte[] {1, 2, 3});
    private static final Assignment CONNECTION = connection(
            List.of(REMOTE), Map.of(Deadline.IDLE, Duration.ofMillis(Long.MAX_VALUE), Deadline.WRITE, Duration.ZERO));
    private static final Done DONE = new Done(
            RequestOutcome.TIMED_OUT, true, 1L << 40, 2, new DeadlineException(Deadline.READ, "late"), new byte[] {7});

    /** Reads a message. */
    interface Reader {
        Object from(DataInputStream input) throws IOException;
    }

    static Stream<Arguments> messages() {
        return Stream.of(
                message("start", start()::writeTo, Start::read),
                message("hello", new Hello(Long.MIN_VALUE, 4711)::writeTo, Hello::read),
                message("identity", new Identity("tcp 127.0.0.1:80", LOCAL)::writeTo, Identity::read),
                message("connection", CONNECTION::writeTo, Assignment::read),
                message("packet", PACKET::writeTo, Assignment::read),
                message("beat", new Heartbeat(true, 2, 3, STACK)::writeTo, Heartbeat::read),
                message("done", DONE::writeTo, Done::read));
    }

    private static Arguments message(String name, ControlChannel.Body body, Reader reader) {
        return Arguments.of(Named.of(name, body), reader);
    }

    private static Start start() {
        return new Start(
                Path.of("/tmp/f\u00f6lder/1"),
                -5,
                true,
                "a.Handler",
                "tcp",
                new Identity("n", LOCAL),
                ServerOptions.DEFAULTS
                        .name("m\u00fc")
                        .maxDatagramSize(7)
                        .ageJitter(8)
                        .stuckAfter(Duration.ofNanos(7_000_009))
                        .grace(Duration.ofSeconds(11))
                        .deadline(Deadline.AGE, Duration.ofSeconds(12)));
    }

    private static Assignment connection(List<Object> attributes, Map<Deadline, Duration> deadlines) {
        return new Assignment(
                SERVER, Kind.DESCRIPTOR, false, LOCAL, REMOTE, attributes, deadlines, false, 0, new byte[0]);
    }

    private static byte[] bytes(ControlChannel.Body body) throws IOException {
        return Wire.bytes(body::writeTo);
    }

    private static <T> T carried(ControlChannel.Body body, Read<T> read) throws IOException {
        return read.from(Wire.input(bytes(body)));
    }

    /** Reads a message of a type. */
    interface Read<T> {
        T from(DataInputStream input) throws IOException;
    }

    @Test
    void messagesSurviveARoundTrip() throws Exception {
        Hello hello = new Hello(Long.MIN_VALUE, 4711);
        assertEquals(hello, carried(hello::writeTo, Hello::read));
        Identity identity = new Identity("udp \u00fc", REMOTE);
        assertEquals(identity, carried(identity::writeTo, Identity::read));
        Heartbeat beat = new Heartbeat(true, 5, 6, STACK);
        assertEquals(beat, carried(beat::writeTo, Heartbeat::read));
        Done fine = new Done(RequestOutcome.DONE, false, 10, 20, null, new byte[0]);
        assertArrayEquals(bytes(fine::writeTo), bytes(carried(fine::writeTo, Done::read)::writeTo));
        assertArrayEquals(new byte[] {7}, carried(DONE::writeTo, Done::read).reply());
    }

    @Test
    void aStartHasTheOptionsThatAffectHandlers() throws Exception {
        Start sent = start();
        Start carried = carried(sent::writeTo, Start::read);
        assertEquals(sent.control(), carried.control());
        assertEquals(-5, carried.secret());
        assertTrue(carried.descriptors());
        assertEquals("a.Handler", carried.handlerClass());
        assertEquals("tcp", carried.transport());
        assertEquals(new Identity("n", LOCAL), carried.server());
        assertArrayEquals(bytes(sent::writeTo), bytes(carried::writeTo), "all encoded fields");
        ServerOptions options = carried.options();
        assertEquals(List.of("m\u00fc", 7, 8), List.of(options.name(), options.maxDatagramSize(), options.ageJitter()));
        assertEquals(
                List.of(Duration.ofNanos(7_000_009), Duration.ofSeconds(11), Duration.ofSeconds(12)),
                List.of(options.stuckAfter(), options.grace(), options.deadline(Deadline.AGE)));
    }

    @Test
    void anInvalidOptionIsRejected() throws Exception {
        Start sent = start();
        byte[] jitter = bytes(sent::writeTo);
        int options = jitter.length - 4 - 12 * (2 + Deadline.values().length);
        jitter[options] = (byte) 0x80;
        assertTrue(
                refused(jitter, Start::read).startsWith("an option of the server has a wrong value: ageJitter is -"));
    }

    @Test
    void aPacketHasItsBytesAndTheLimitOfReplies() throws Exception {
        Assignment carried = carried(PACKET::writeTo, Assignment::read);
        assertArrayEquals(new byte[] {1, 2, 3}, carried.data());
        assertEquals(512, carried.maxReplySize());
        assertEquals(Kind.PACKET, carried.kind());
        assertTrue(carried.truncated() && carried.stopping());
        assertEquals(List.of(LOCAL, REMOTE), List.of(carried.local(), carried.remote()));
    }

    @Test
    void aConnectionHasItsAttributes() throws Exception {
        // Any portable value can be an attribute.
        Assignment carried = carried(CONNECTION::writeTo, Assignment::read);
        assertEquals(Kind.DESCRIPTOR, carried.kind());
        assertEquals(List.of(REMOTE), carried.attributes());
        assertEquals(CONNECTION.deadlines(), carried.deadlines());
        assertEquals(SERVER, carried.server());
    }

    @Test
    void aFailureKeepsItsDeadline() throws Exception {
        Done carried = carried(DONE::writeTo, Done::read);
        DeadlineException late = assertInstanceOf(DeadlineException.class, carried.failure());
        assertSame(Deadline.READ, late.deadline());
        assertEquals("late", late.getMessage());
        assertEquals(1L << 40, carried.bytesIn());
    }

    @Test
    void aDeepStackKeepsItsInnermost64Frames() throws Exception {
        Heartbeat deep = new Heartbeat(false, 0, 0, Collections.nCopies(1_000, STACK.get(0)));
        assertEquals(
                Collections.nCopies(64, STACK.get(0)),
                carried(deep::writeTo, Heartbeat::read).stack());
        byte[] forged = bytes(new Heartbeat(false, 0, 0, List.of())::writeTo);
        forged[forged.length - 1] = 65;
        assertEquals("a stack has 65 frames; it must have at most 64", refused(forged, Heartbeat::read));
    }

    @Test
    void invalidDeadlinesAreRejected() throws Exception {
        byte[] sent = bytes(connection(List.of(), Map.of(Deadline.READ, Duration.ofMillis(7)))::writeTo);
        int code = sent.length - 5 - 9;
        byte[] unknown = sent.clone();
        unknown[code] = 5;
        assertEquals("the deadline of a connection is 5; it must be from 0 to 4", refused(unknown, Assignment::read));
        byte[] negative = sent.clone();
        negative[code + 1] = (byte) 0x80;
        assertTrue(refused(negative, Assignment::read).startsWith("a deadline of -"));
    }

    @Test
    void unknownCodesAreRejectedWithTheValidCodes() throws Exception {
        byte[] kind = bytes(PACKET::writeTo);
        kind[bytes(SERVER::writeTo).length] = 3;
        assertEquals("the kind of a request is 3; it must be from 0 to 2", refused(kind, Assignment::read));
        byte[] outcome = bytes(DONE::writeTo);
        outcome[0] = (byte) 200;
        assertEquals(
                "the outcome is 200; it must be from 0 to " + (RequestOutcome.values().length - 1),
                refused(outcome, Done::read));
        assertEquals(
                "message type 255; there are types 0 to " + (FrameType.values().length - 1),
                assertThrows(ProtocolException.class, () -> FrameType.of(255)).getMessage());
    }

    @Test
    void anInvalidPathIsRejected() throws Exception {
        byte[] path = bytes(start()::writeTo);
        path[2] = (byte) 0xc0;
        path[3] = (byte) 0x80; // NUL in the modified UTF-8 of DataOutput
        assertTrue(refused(path, Start::read).startsWith("the path of a socket: Nul character"));
    }

    @Test
    void aMessageOfAnUnexpectedTypeIsRejected() {
        Frame frame = new Frame(FrameType.READY, 0, new byte[0]);
        assertEquals(
                "a message READY where HELLO was expected",
                assertThrows(ProtocolException.class, () -> frame.expect(FrameType.HELLO))
                        .getMessage());
        assertNull(Heartbeat.NONE.stack().stream().findFirst().orElse(null));
    }

    private static String refused(byte[] bytes, Reader reader) {
        return assertThrows(ProtocolException.class, () -> reader.from(Wire.input(bytes)))
                .getMessage();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aTruncatedMessageIsRejected(ControlChannel.Body body, Reader reader) throws Exception {
        byte[] whole = bytes(body);
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            if (!isPacket(whole, length)) {
                assertThrows(IOException.class, () -> reader.from(Wire.input(part)), "of " + length + " bytes");
            }
        }
    }

    /** Returns whether a truncated message is still valid, because only bytes of its packet are missing. */
    private static boolean isPacket(byte[] whole, int length) throws IOException {
        return (Arrays.equals(whole, bytes(PACKET::writeTo)) && length >= whole.length - PACKET.data().length)
                || (Arrays.equals(whole, bytes(DONE::writeTo)) && length >= whole.length - DONE.reply().length);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void corruptBytesAreAtMostAnIoException(ControlChannel.Body body, Reader reader) throws Exception {
        Wire.corrupt(bytes(body), reader::from);
    }
}
