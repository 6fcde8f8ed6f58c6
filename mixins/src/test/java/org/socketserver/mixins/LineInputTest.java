package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineInputTest {
    private static LineInput input(String text, int size) {
        return new LineInput(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), size, bytes -> {});
    }

    private static @Nullable String line(LineInput input, int most) throws IOException {
        return input.readLine(most, StandardCharsets.UTF_8, CodingErrorAction.REPLACE);
    }

    private static List<String> lines(LineInput input, int most) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(input, most); line != null; line = line(input, most)) {
            lines.add(line);
        }
        return lines;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8192})
    void linesEndWithLfOrCrLfOrTheEndOfInputForEveryBufferSize(int size) throws IOException {
        assertEquals(
                List.of("one", "two", "", "th\rree", "\u00e4\u20ac", "last\r"),
                lines(input("one\ntwo\r\n\nth\rree\n\u00e4\u20ac\nlast\r", size), 100));
        assertEquals(List.of(), lines(input("", size), 100));
        assertEquals(List.of(""), lines(input("\r\n", size), 100));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8192})
    void theLimitOfALineIsExact(int size) throws IOException {
        assertEquals(List.of("abcd", "efgh"), lines(input("abcd\r\nefgh", size), 4));
        for (String tooLong : List.of("abcde\n", "abcde", "abcd\r", "abcde\r\n", "abcd\r\r\n", "abcdefghijklmnop")) {
            LineInput input = input(tooLong, size);
            assertEquals(
                    "a line is longer than 4 bytes",
                    assertThrows(LineTooLongException.class, () -> lines(input, 4))
                            .getMessage(),
                    tooLong);
        }
    }

    /** An endless input that counts its bytes. */
    private static final class Endless extends InputStream {
        private final char what;
        private long given;

        Endless(char what) {
            this.what = what;
        }

        @Override
        public int read() {
            given++;
            return what;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            Arrays.fill(target, offset, offset + length, (byte) what);
            given += length;
            return length;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 1_000, 1_024, 10_000, 10_001, 20_000})
    void anEndlessLineIsRejectedAfterAtMostTheLimitAndOneBuffer(int size) {
        Endless endless = new Endless('x');
        LineInput input = new LineInput(endless, size, bytes -> {});
        assertThrows(LineTooLongException.class, () -> line(input, 10_000));
        assertTrue(endless.given <= 10_000 + size, endless.given + " bytes were read");
        Endless returns = new Endless('\r');
        LineInput ofReturns = new LineInput(returns, size, bytes -> {});
        assertThrows(LineTooLongException.class, () -> line(ofReturns, 10_000));
        assertTrue(returns.given <= 10_001 + size, returns.given + " bytes were read, including a possible line end");
    }

    @Test
    void aLineIsRejectedAtTheFirstByteBeyondTheLimit() {
        InputStream fiveBytes = new InputStream() {
            private int left = 5;

            @Override
            public int read() {
                if (left-- == 0) {
                    throw new AssertionError("five bytes are enough");
                }
                return 'x';
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                target[offset] = (byte) read();
                return 1;
            }
        };
        LineInput input = new LineInput(fiveBytes, 8_192, bytes -> {});
        assertThrows(LineTooLongException.class, () -> line(input, 4));
    }

    @Test
    void theBufferOfALineDoublesUpToTheLimitAndACr() {
        assertEquals(2_000, LineInput.room(0, 1_000, 10_000));
        assertEquals(4_002, LineInput.room(2_000, 2_001, 10_000));
        assertEquals(10_001, LineInput.room(8_000, 8_001, 10_000));
        assertEquals(10_001, LineInput.room(0, 10_001, 10_000));
        assertEquals(5, LineInput.room(5, 5, 10_000));
    }

    @Test
    void theMaximumLimitAcceptsEveryLine() throws IOException {
        String large = "x".repeat(100_000);
        assertEquals(List.of(large, large), lines(input(large + "\r\n" + large, 1_000), Integer.MAX_VALUE));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8_192})
    void theLineAfterAMalformedLineCanBeRead(int size) throws IOException {
        LineInput input =
                new LineInput(new ByteArrayInputStream(new byte[] {'a', 'b', -1, 'c', '\n', 'd'}), size, bytes -> {});
        MalformedTextException malformed = assertThrows(
                MalformedTextException.class,
                () -> input.readLine(100, StandardCharsets.UTF_8, CodingErrorAction.REPORT));
        assertEquals(2, malformed.offset());
        assertEquals("d", input.readLine(100, StandardCharsets.UTF_8, CodingErrorAction.REPORT));
    }

    @Test
    void linesAndBytesCanBeMixed() throws IOException {
        LineInput input = input("first\nrest of it", 8);
        assertEquals("first", line(input, 100));
        assertEquals(2, input.available());
        assertEquals('r', input.read());
        byte[] some = new byte[4];
        assertEquals(1, input.read(some, 1, 3), "buffered bytes come first");
        assertArrayEquals(new byte[] {0, 'e', 0, 0}, some);
        assertEquals(0, input.read(some, 0, 0));
        assertEquals("st of it", new String(input.readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(-1, input.read());
        assertEquals(-1, input.read(some, 0, 1));
        assertNull(line(input, 100));
    }

    @Test
    void aLargeReadBypassesTheBuffer() throws IOException {
        LineInput input = input("0123456789", 4);
        assertEquals(10, input.read(new byte[16], 0, 16));
        assertEquals(0, input.available());
    }

    /** Returns given numbers of bytes, and records how many each read requested. */
    private static final class Metered extends InputStream {
        final List<Integer> asked = new ArrayList<>();
        private final int[] counts;

        Metered(int... counts) {
            this.counts = counts;
        }

        @Override
        public int read() {
            throw new AssertionError("read of a single byte");
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            int round = asked.size();
            asked.add(length);
            return round < counts.length ? Math.min(counts[round], length) : -1;
        }
    }

    @Test
    void theBufferGrowsWhileReadsFillItAndShrinksAfterSmallReads() throws IOException {
        int all = 10_000;
        Metered source = new Metered(64, all, all, all, all, 64, 600, 64, 64, 64);
        LineInput input = new LineInput(source, 8_192, bytes -> {});
        while (input.read() >= 0) {
            // Reads on.
        }
        assertEquals(List.of(256, 256, 1_024, 4_096, 8_192, 8_192, 8_192, 8_192, 8_192, 256, 256), source.asked);
        Metered medium = new Metered(256, 44, 300, 300, 300, 300);
        LineInput steady = new LineInput(medium, 8_192, bytes -> {});
        while (steady.read() >= 0) {
            // Reads on.
        }
        assertEquals(List.of(256, 1_024, 1_024, 1_024, 1_024, 1_024, 1_024), medium.asked);
        Metered arrays = new Metered(64, 64, 64, 64);
        LineInput bodies = new LineInput(arrays, 8_192, bytes -> {});
        while (bodies.read(new byte[4_096]) >= 0) {
            // Reads on.
        }
        assertEquals(List.of(8_192, 8_192, 8_192, 8_192, 8_192), arrays.asked);
        Metered once = new Metered(all, all);
        LineInput small = new LineInput(once, 700, bytes -> {});
        while (small.read() >= 0) {
            // Reads on.
        }
        assertEquals(List.of(256, 700, 700), once.asked);
    }

    @Test
    void buffersOfMoreThan256BytesCountUntilTheLineIsComplete() throws IOException {
        List<Long> sums = new ArrayList<>();
        byte[] text = ("x".repeat(20_000) + "\nshort\nshort\n").getBytes(StandardCharsets.US_ASCII);
        LineInput input = new LineInput(new ByteArrayInputStream(text), 8_192, sums::add);
        assertEquals(20_000, Objects.requireNonNull(line(input, 30_000)).length());
        // The array of the line, its shorter predecessor, and the buffer.
        assertEquals(27_136 + 10_752 + 8_192L, Collections.max(sums));
        assertEquals(8_192L, sums.get(sums.size() - 1), "only the buffer is left");
        int reports = sums.size();
        assertEquals("short", line(input, 30_000));
        assertEquals("short", line(input, 30_000));
        assertEquals(reports, sums.size(), "a line in the buffer reports nothing");
    }
}
