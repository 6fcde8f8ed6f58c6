package org.socketserver.mixins.forking.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.socketserver.api.DatagramTooLongException;
import org.socketserver.api.Deadline;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.DisconnectedException;
import org.socketserver.mixins.FrameTooLongException;
import org.socketserver.mixins.HandlerException;

class FailureFormatTest {
    private static byte[] written(Throwable thrown) throws Exception {
        return Wire.bytes(output -> FailureFormat.write(output, thrown));
    }

    private static Exception carried(Throwable thrown) throws Exception {
        return FailureFormat.read(Wire.input(written(thrown)));
    }

    private static HandlerException handlers(Throwable thrown) throws Exception {
        return assertInstanceOf(HandlerException.class, carried(thrown));
    }

    /** Returns the fields of the stack frames that are encoded: class, method, file and line. */
    private static List<String> frames(Throwable thrown) {
        return Arrays.stream(thrown.getStackTrace())
                .map(frame -> frame.getClassName() + " " + frame.getMethodName() + " " + frame.getFileName() + " "
                        + frame.getLineNumber())
                .toList();
    }

    static List<DeadlineException> deadlines() {
        return List.of(
                new DeadlineException(Deadline.HANDSHAKE, "h"),
                new DeadlineException(Deadline.FIRST_BYTE, "f"),
                new DeadlineException(Deadline.IDLE, "i"),
                new DeadlineException(Deadline.READ, "r"),
                new DeadlineException(Deadline.WRITE, "w"),
                new DeadlineException(Deadline.REQUEST, "q"),
                new DeadlineException(Deadline.AGE, "a"));
    }

    @ParameterizedTest
    @MethodSource("deadlines")
    void aDeadlineExceptionKeepsItsDeadline(DeadlineException thrown) throws Exception {
        Exception carried = carried(thrown);
        assertSame(thrown.getClass(), carried.getClass());
        assertEquals(thrown.deadline(), ((DeadlineException) carried).deadline());
        assertEquals(thrown.getMessage(), carried.getMessage());
        assertEquals(frames(thrown), frames(carried));
    }

    @Test
    void allDeadlinesAreTested() {
        assertEquals(
                List.of(Deadline.values()),
                deadlines().stream().map(DeadlineException::deadline).toList());
    }

    @Test
    void aDisconnectedExceptionKeepsItsMessageAndCause() throws Exception {
        Exception carried = carried(new DisconnectedException("gone", new IOException("reset")));
        assertSame(DisconnectedException.class, carried.getClass());
        assertEquals("gone", carried.getMessage());
        assertEquals("java.io.IOException: reset", carried.getCause().getMessage());
        assertNull(carried(new DisconnectedException("gone", null)).getCause());
        assertSame(
                DisconnectedException.class,
                carried(new DisconnectedException("of a user", null) {}).getClass());
    }

    @Test
    void aDatagramTooLongExceptionKeepsItsSizes() throws Exception {
        DatagramTooLongException thrown = new DatagramTooLongException(70_000, 65_507);
        DatagramTooLongException carried = assertInstanceOf(DatagramTooLongException.class, carried(thrown));
        assertEquals(List.of(70_000, 65_507), List.of(carried.size(), carried.limit()));
        assertEquals(thrown.getMessage(), carried.getMessage());
    }

    @Test
    void aProtocolExceptionStaysAProtocolException() throws Exception {
        Exception carried = carried(new FrameTooLongException(9, 4));
        assertSame(ProtocolException.class, carried.getClass());
        assertEquals("a frame of 9 bytes is longer than 4 bytes", carried.getMessage());
        Throwable caused = new ProtocolException("p").initCause(new IllegalStateException("why"));
        assertEquals(
                "java.lang.IllegalStateException: why",
                carried(caused).getCause().getMessage());
        assertEquals(
                "java.net.ProtocolException", carried(new ProtocolException()).getMessage());
    }

    @Test
    void deadlinesAndDisconnectsAreUnwrappedFromUncheckedExceptions() throws Exception {
        assertSame(
                Deadline.READ,
                assertInstanceOf(
                                DeadlineException.class,
                                carried(new UncheckedIOException(new DeadlineException(Deadline.READ, "late"))))
                        .deadline());
        assertInstanceOf(
                DisconnectedException.class, carried(new UncheckedIOException(new DisconnectedException("x", null))));
        assertEquals(
                UncheckedIOException.class.getName(),
                handlers(new UncheckedIOException(new SocketTimeoutException("own")))
                        .className());
    }

    @Test
    void otherExceptionsKeepTheirClassNameMessageAndStackTrace() throws Exception {
        IllegalStateException thrown = new IllegalStateException("boom");
        HandlerException carried = handlers(thrown);
        assertEquals("java.lang.IllegalStateException: boom", carried.getMessage());
        assertEquals("java.lang.IllegalStateException", carried.className());
        assertEquals(frames(thrown), frames(carried));
        assertNull(carried.getCause());
        assertEquals(
                "java.lang.OutOfMemoryError: heap",
                handlers(new OutOfMemoryError("heap")).getMessage());
    }

    @Test
    void aClassThatTheParentDoesNotHaveKeepsItsName() throws Exception {
        byte[] bytes = written(new Odd("Xq7"));
        String other = new String(bytes, StandardCharsets.ISO_8859_1).replace("$Odd", "$Eve");
        HandlerException carried = assertInstanceOf(
                HandlerException.class, FailureFormat.read(Wire.input(other.getBytes(StandardCharsets.ISO_8859_1))));
        assertEquals(FailureFormatTest.class.getName() + "$Eve", carried.className());
    }

    @Test
    void fiveCausesAreKept() throws Exception {
        Throwable thrown = new Exception("0");
        for (int i = 1; i <= 8; i++) {
            thrown = new Exception("" + i, thrown);
        }
        HandlerException carried = handlers(thrown);
        for (int i = 8; i >= 3; i--) {
            assertEquals("java.lang.Exception: " + i, carried.getMessage());
            assertEquals(frames(thrown), frames(carried));
            thrown = thrown.getCause();
            assertTrue(i == 3 || carried.getCause() instanceof HandlerException, "cause " + i);
            carried = (HandlerException) carried.getCause();
        }
        assertNull(carried);
    }

    @Test
    void aCycleOfCausesIsBroken() throws Exception {
        Exception one = new Exception("one");
        Exception two = new Exception("two", one);
        one.initCause(two);
        HandlerException carried = handlers(one);
        assertEquals("java.lang.Exception: two", carried.getCause().getMessage());
        assertNull(carried.getCause().getCause());
        Exception own = new Exception() {
            @Override
            public synchronized Throwable getCause() {
                return this;
            }
        };
        assertNull(handlers(own).getCause());
    }

    private static void deep(int frames) {
        if (frames > 0) {
            deep(frames - 1);
        } else {
            throw new IllegalStateException("deep");
        }
    }

    @Test
    void aDeepStackTraceKeepsItsInnermostFrames() throws Exception {
        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> deep(500));
        assertEquals(frames(thrown).subList(0, 200), frames(handlers(thrown)));
    }

    @Test
    void aFrameWithoutFileOrLineIsKept() throws Exception {
        StackTraceElement[] trace = {
            new StackTraceElement("A", "b", null, -2), new StackTraceElement("x".repeat(2_000), "<init>", "C.java", 7)
        };
        Exception thrown = new Exception();
        thrown.setStackTrace(trace);
        StackTraceElement[] carried = carried(thrown).getStackTrace();
        assertEquals(trace[0], carried[0]);
        assertTrue(carried[0].isNativeMethod());
        assertTrue(carried[1].getClassName().endsWith("x... (cut, of 2000 characters)"));
    }

    @Test
    void aHugeMessageIsTruncatedWithAMark() throws Exception {
        byte[] bytes = written(new IllegalStateException("\u20ac".repeat(10 << 20)));
        assertTrue(bytes.length < 200_000, bytes.length + " bytes");
        String message = FailureFormat.read(Wire.input(bytes)).getMessage();
        String mark = "\u20ac... (cut, of 10485793 characters)";
        assertTrue(message.startsWith("java.lang.IllegalStateException: \u20ac") && message.endsWith(mark), mark);
        String asLongAsMayBe = "x".repeat(20_000);
        assertEquals(
                asLongAsMayBe,
                carried(new DeadlineException(Deadline.READ, asLongAsMayBe)).getMessage());
        assertEquals(
                20_000,
                carried(new DeadlineException(Deadline.READ, asLongAsMayBe + "x"))
                        .getMessage()
                        .length());
    }

    @Test
    void aMessageIsTruncatedBetweenCharacters() throws Exception {
        for (int before = 0; before < 4; before++) {
            String text = "x".repeat(before) + "\ud83d\ude00".repeat(20_000);
            String message = carried(new DeadlineException(Deadline.READ, text)).getMessage();
            assertTrue(message.endsWith("\ud83d\ude00... (cut, of " + text.length() + " characters)"), "" + before);
        }
    }

    /** The base of exceptions that violate the contract of Throwable. */
    @SuppressWarnings("serial")
    private static class Odd extends Exception {
        Odd(String message) {
            super(message);
        }
    }

    @Test
    void anExceptionWhoseMethodsThrowKeepsItsClassName() throws Exception {
        Exception thrown = new Odd("m") {
            @Override
            public String toString() {
                throw new IllegalStateException();
            }

            @Override
            public synchronized Throwable getCause() {
                throw new StackOverflowError();
            }

            @Override
            public StackTraceElement[] getStackTrace() {
                throw new IllegalStateException();
            }
        };
        HandlerException carried = handlers(thrown);
        String name = thrown.getClass().getName();
        assertEquals(name + " (its toString() threw java.lang.IllegalStateException)", carried.getMessage());
        assertEquals(name, carried.className());
        assertEquals(List.of(), frames(carried));
        assertNull(carried.getCause());
        Exception protocol = new ProtocolException() {
            @Override
            public String getMessage() {
                throw new IllegalStateException();
            }
        };
        assertEquals(
                protocol.getClass().getName() + " (its getMessage() threw java.lang.IllegalStateException)",
                carried(protocol).getMessage());
    }

    @Test
    void anExceptionWhoseMethodsReturnNullKeepsItsClassName() throws Exception {
        Exception thrown = new Odd(null) {
            @Override
            public String toString() {
                return null;
            }

            @Override
            public StackTraceElement[] getStackTrace() {
                return new StackTraceElement[] {null, new StackTraceElement("A", "b", "A.java", 1), null};
            }
        };
        HandlerException carried = handlers(thrown);
        assertEquals(thrown.getClass().getName() + " (its toString() returned null)", carried.getMessage());
        assertEquals(List.of("A b A.java 1"), frames(carried));
        assertEquals(
                DisconnectedException.class.getName(),
                carried(new DisconnectedException(null, null)).getMessage());
        assertEquals(
                DeadlineException.class.getName(),
                carried(new DeadlineException(Deadline.READ, null)).getMessage());
    }

    private static String refused(byte[] bytes) {
        return assertThrows(ProtocolException.class, () -> FailureFormat.read(Wire.input(bytes)))
                .getMessage();
    }

    @Test
    void invalidBytesAreRejected() {
        assertEquals("a failure has 6 causes; it must have at most 5", refused(new byte[] {7}));
        assertEquals("the kind of a failure is 5; it must be from 0 to 4", refused(new byte[] {1, 5}));
        assertEquals(
                "the deadline of a failure is 255; it must be from 0 to 6", refused(new byte[] {1, 0, 0, 0, 0, 0, -1}));
        assertEquals(
                "a stack has 201 frames; it must have at most 200", refused(new byte[] {1, 1, 0, 0, 0, 0, (byte) 201}));
        assertThrows(
                UTFDataFormatException.class,
                () -> FailureFormat.read(Wire.input(new byte[] {1, 3, 0, 2, (byte) 0xc3, 'x'})));
    }

    @Test
    void noFailureIsReadAsNull() throws Exception {
        assertNull(carried(null));
    }

    @Test
    void aTruncatedFailureIsAnEofException() throws Exception {
        byte[] bytes = written(new Exception("outer", new Exception("inner")));
        for (int length = 0; length < bytes.length; length += length < 200 ? 1 : 13) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThrows(EOFException.class, () -> FailureFormat.read(Wire.input(cut)));
        }
    }

    @Test
    void corruptBytesAreAtMostAnIoException() throws Exception {
        Exception small = new Exception("outer", new Exception("inner"));
        small.setStackTrace(new StackTraceElement[0]);
        small.getCause().setStackTrace(new StackTraceElement[] {new StackTraceElement("A", "b", "A.java", 1)});
        byte[] bytes = written(small);
        assertArrayEquals(bytes, written(small));
        Wire.corrupt(bytes, FailureFormat::read);
        DatagramTooLongException tooLong = new DatagramTooLongException(2, 1);
        tooLong.setStackTrace(new StackTraceElement[0]);
        Wire.corrupt(written(tooLong), FailureFormat::read);
    }
}
