package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineInputTest {
    private static LineInput input(String text, int size) {
        return new LineInput(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), size);
    }

    private static List<String> lines(LineInput input, int most) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = input.readLine(most, StandardCharsets.UTF_8);
                line != null;
                line = input.readLine(most, StandardCharsets.UTF_8)) {
            lines.add(line);
        }
        return lines;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8192})
    void linesEndWithLfOrCrLfOrTheEndOfInputWhereverTheBufferEnds(int size) throws IOException {
        assertEquals(
                List.of("one", "two", "", "th\rree", "\u00e4\u20ac", "last\r"),
                lines(input("one\ntwo\r\n\nth\rree\n\u00e4\u20ac\nlast\r", size), 100));
        assertEquals(List.of(), lines(input("", size), 100));
        assertEquals(List.of(""), lines(input("\r\n", size), 100));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8192})
    void aLineMayBeAsLongAsTheLimitAndNotOneByteLonger(int size) throws IOException {
        assertEquals(List.of("abcd", "efgh"), lines(input("abcd\r\nefgh", size), 4));
        for (String tooLong : List.of("abcde\n", "abcde", "abcd\r", "abcdefghijklmnop")) {
            LineInput input = input(tooLong, size);
            assertEquals(
                    "a line is longer than 4 bytes",
                    assertThrows(LineTooLongException.class, () -> lines(input, 4))
                            .getMessage(),
                    tooLong);
        }
    }

    @Test
    void anEndlessLineIsRefusedBeforeItFillsTheMemory() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        };
        LineInput input = new LineInput(endless, 1024);
        assertThrows(LineTooLongException.class, () -> input.readLine(10_000, StandardCharsets.UTF_8));
    }

    @Test
    void linesAndBytesComeFromTheSameBuffer() throws IOException {
        LineInput input = input("first\nrest of it", 8);
        assertEquals("first", input.readLine(100, StandardCharsets.UTF_8));
        assertEquals(2, input.available());
        assertEquals('r', input.read());
        byte[] some = new byte[4];
        assertEquals(1, input.read(some, 1, 3), "what is buffered comes first");
        assertArrayEquals(new byte[] {0, 'e', 0, 0}, some);
        assertEquals(0, input.read(some, 0, 0));
        assertEquals("st of it", new String(input.readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(-1, input.read());
        assertEquals(-1, input.read(some, 0, 1));
        assertNull(input.readLine(100, StandardCharsets.UTF_8));
    }

    @Test
    void aReadAsLargeAsTheBufferGoesAroundIt() throws IOException {
        LineInput input = input("0123456789", 4);
        assertEquals(10, input.read(new byte[16], 0, 16));
        assertEquals(0, input.available());
    }
}
