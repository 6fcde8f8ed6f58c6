package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramingTest {
    private static final LineInput.Account FREE = bytes -> {};

    private static final int MAX = 1 << 20;

    /** Returns its bytes in two parts, and records how many each read requested. */
    private static final class Parts extends InputStream {
        private final ByteArrayInputStream bytes;
        private final List<Integer> asked = new ArrayList<>();
        private int first;

        Parts(byte[] bytes, int first) {
            this.bytes = new ByteArrayInputStream(bytes);
            this.first = first;
        }

        @Override
        public int read() {
            asked.add(1);
            first--;
            return bytes.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            asked.add(length);
            int count = bytes.read(target, offset, first > 0 ? Math.min(first, length) : length);
            first -= count;
            return count;
        }

        int mostAsked() {
            return asked.stream().mapToInt(Integer::intValue).max().orElseThrow();
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static byte[] frames(Framing framing, byte[]... frames) {
        byte[] all = {};
        for (byte[] frame : frames) {
            byte[] next = framing.prefixed(frame);
            byte[] longer = Arrays.copyOf(all, all.length + next.length);
            System.arraycopy(next, 0, longer, all.length, next.length);
            all = longer;
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void framesCanBeSplitAtEveryByte(int prefix) throws IOException {
        Framing framing = new Framing(prefix);
        byte[] one = random(20);
        byte[] empty = {};
        byte[] last = random(255);
        byte[] all = frames(framing, one, empty, last);
        assertEquals(3 * prefix + 275, all.length);
        for (int split = 0; split <= all.length; split++) {
            for (int size : new int[] {1, 3, 8_192}) {
                LineInput input = new LineInput(new Parts(all, split), size, FREE);
                assertArrayEquals(one, framing.read(input, 255, FREE));
                assertArrayEquals(empty, framing.read(input, 255, FREE));
                assertArrayEquals(last, framing.read(input, 255, FREE));
                assertNull(framing.read(input, 255, FREE));
                assertNull(framing.read(input, 255, FREE), "the end is permanent");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void anEndInsideAFrameIsReportedWithTheNumberOfBytes(int prefix) {
        Framing framing = new Framing(prefix);
        byte[] all = framing.prefixed(random(10));
        for (int came = 1; came < all.length; came++) {
            InputStream input = new ByteArrayInputStream(all, 0, came);
            String message = assertThrows(TruncatedFrameException.class, () -> framing.read(input, 100, FREE))
                    .getMessage();
            assertEquals(
                    came < prefix
                            ? "the input ended in a frame's prefix after " + came + " of " + prefix + " bytes"
                            : "the input ended in a frame after " + (came - prefix) + " of 10 bytes",
                    message);
        }
    }

    @Test
    void thePrefixIsBigEndianAndUnsigned() throws IOException {
        assertArrayEquals(new byte[] {2, 'a', 'b'}, new Framing(1).prefixed(new byte[] {'a', 'b'}));
        assertArrayEquals(new byte[] {0, 2, 'a', 'b'}, new Framing(2).prefixed(new byte[] {'a', 'b'}));
        assertArrayEquals(new byte[] {0, 0, 0, 2, 'a', 'b'}, new Framing(4).prefixed(new byte[] {'a', 'b'}));
        byte[] large = new Framing(4).prefixed(new byte[0x01020304]);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 0}, Arrays.copyOf(large, 5));
        for (int prefix : new int[] {1, 2}) {
            Framing framing = new Framing(prefix);
            byte[] longest = random((int) framing.longest());
            assertArrayEquals(longest, framing.read(new ByteArrayInputStream(framing.prefixed(longest)), MAX, FREE));
        }
    }

    @Test
    void theLimitOfAFrameIsExact() throws IOException {
        Framing framing = new Framing(4);
        byte[] longest = random(MAX);
        assertArrayEquals(longest, framing.read(new ByteArrayInputStream(framing.prefixed(longest)), MAX, FREE));
        InputStream tooLong = new ByteArrayInputStream(framing.prefixed(new byte[] {'a', 'b', 'c'}));
        FrameTooLongException refused = assertThrows(FrameTooLongException.class, () -> framing.read(tooLong, 2, FREE));
        assertEquals("a frame of 3 bytes is longer than 2 bytes", refused.getMessage());
        assertEquals(3, refused.length());
        assertEquals(2, refused.limit());
        assertArrayEquals(new byte[] {'a', 'b', 'c'}, tooLong.readAllBytes(), "the rejected frame was not read");
    }

    @Test
    void aLengthOfFourGigabytesIsRejected() {
        InputStream claim = new ByteArrayInputStream(new byte[] {-1, -1, -1, -1});
        assertEquals(
                "a frame of 4294967295 bytes is longer than 1048576 bytes",
                assertThrows(FrameTooLongException.class, () -> new Framing(4).read(claim, MAX, FREE))
                        .getMessage());
    }

    @Test
    void memoryIsAllocatedOnlyForBytesThatArrive() {
        Framing framing = new Framing(4);
        byte[] claim = new byte[] {0x7f, -1, -1, -1};
        byte[] sixteenMegabytes = new byte[] {1, 0, 0, 0};
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThrows(
                TruncatedFrameException.class,
                () -> framing.read(new ByteArrayInputStream(sixteenMegabytes), Integer.MAX_VALUE, FREE));
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 1 << 20, allocated + " bytes");

        Parts nothing = new Parts(claim, 4);
        assertThrows(TruncatedFrameException.class, () -> framing.read(nothing, Integer.MAX_VALUE, FREE));
        assertEquals(8_192, nothing.mostAsked(), "one chunk at first");

        byte[] some = Arrays.copyOf(claim, 4 + 8_192 + 1);
        Parts little = new Parts(some, 4);
        assertEquals(
                "the input ended in a frame after 8193 of 2147483647 bytes",
                assertThrows(TruncatedFrameException.class, () -> framing.read(little, Integer.MAX_VALUE, FREE))
                        .getMessage());
        assertEquals(8_192, little.mostAsked(), "the buffer at most doubles");
    }

    @Test
    void aReadRequestsAtMostTheFrameOrAChunk() throws IOException {
        Framing framing = new Framing(4);
        byte[] all = frames(framing, random(MAX), random(5));
        Parts input = new Parts(all, 0);
        assertArrayEquals(random(MAX), framing.read(input, MAX, FREE));
        assertEquals(131_072, input.mostAsked());
        assertArrayEquals(random(5), framing.read(input, MAX, FREE));
        assertTrue(input.asked.contains(5), "nothing beyond the frame");
    }

    @Test
    void linesFramesAndBytesCanBeMixed() throws IOException {
        Framing framing = new Framing(2);
        byte[] all = "DATA\r\n\0\3a\nbEND\n\0\0x\0\1y".getBytes(StandardCharsets.US_ASCII);
        for (int size = 1; size <= all.length + 1; size++) {
            LineInput input = new LineInput(new ByteArrayInputStream(all), size, FREE);
            assertEquals("DATA", input.readLine(10, StandardCharsets.UTF_8, CodingErrorAction.REPLACE));
            assertArrayEquals(new byte[] {'a', '\n', 'b'}, framing.read(input, 10, FREE));
            assertEquals("END", input.readLine(10, StandardCharsets.UTF_8, CodingErrorAction.REPLACE));
            assertArrayEquals(new byte[0], framing.read(input, 10, FREE));
            assertEquals('x', input.read());
            assertArrayEquals(new byte[] {'y'}, framing.read(input, 10, FREE));
            assertNull(framing.read(input, 10, FREE));
        }
    }

    @Test
    void aFrameThatIsTooLongForThePrefixIsRejected() {
        for (int prefix : new int[] {1, 2}) {
            Framing framing = new Framing(prefix);
            int most = (int) framing.longest();
            assertEquals(prefix + most, framing.prefixed(new byte[most]).length);
            assertEquals(
                    "a frame of " + (most + 1) + " bytes is longer than " + most
                            + " bytes, which is all that its prefix can say",
                    assertThrows(IllegalArgumentException.class, () -> framing.prefixed(new byte[most + 1]))
                            .getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 3, 5, 8})
    void thePrefixHasOneTwoOrFourBytes(int prefix) {
        assertEquals(
                "framePrefixBytes is " + prefix + " bytes; it must be 1, 2 or 4 bytes",
                assertThrows(IllegalStateException.class, () -> new Framing(prefix))
                        .getMessage());
    }

    @Test
    void theLimitMustFitThePrefix() {
        assertEquals(1, new Framing(1).checkedLimit(1));
        assertEquals(255, new Framing(1).checkedLimit(255));
        assertEquals(65_535, new Framing(2).checkedLimit(65_535));
        assertEquals(Integer.MAX_VALUE, new Framing(4).checkedLimit(Integer.MAX_VALUE));
        assertEquals(
                "maxFrameLength is 256 bytes; with a prefix of 1 byte it must be 1 to 255 bytes",
                assertThrows(IllegalStateException.class, () -> new Framing(1).checkedLimit(256))
                        .getMessage());
        assertEquals(
                "maxFrameLength is 0 bytes; with a prefix of 4 bytes it must be 1 to 4294967295 bytes",
                assertThrows(IllegalStateException.class, () -> new Framing(4).checkedLimit(0))
                        .getMessage());
    }
}
