package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.socketserver.fuzz.Fuzzed;
import org.socketserver.fuzz.Pieces;

@Fuzzed
class LineFuzzTest {
    private static final Charset[] CHARSETS = Stream.concat(
                    Stream.of(StandardCharsets.UTF_8, StandardCharsets.US_ASCII, StandardCharsets.ISO_8859_1),
                    Stream.of("windows-1252", "Shift_JIS", "GB18030", "ISO-2022-JP")
                            .filter(Charset::isSupported)
                            .map(Charset::forName))
            .toArray(Charset[]::new);
    private static final CodingErrorAction[] ACTIONS = {
        CodingErrorAction.REPLACE, CodingErrorAction.IGNORE, CodingErrorAction.REPORT
    };

    @FuzzTest(maxDuration = "")
    void linesAndBytesAreThoseOfASimpleReaderHoweverTheyAreSplit(FuzzedDataProvider data) throws IOException {
        long sizes = data.consumeLong();
        int bufferSize = data.consumeInt(1, 600);
        int most = data.consumeInt(1, 600);
        Charset charset = CHARSETS[data.consumeInt(0, CHARSETS.length - 1)];
        CodingErrorAction malformed = ACTIONS[data.consumeInt(0, ACTIONS.length - 1)];
        int choices = data.consumeInt();
        byte[] bytes = data.consumeRemainingAsBytes();

        LineInput.Account account = held ->
                assertTrue(held <= bufferSize + 2L * (most + 1), () -> held + " bytes are held with limit " + most);
        LineInput input = new LineInput(new Pieces(bytes, sizes), bufferSize, account);
        SimpleReader expected = new SimpleReader(bytes);
        for (int step = 0; ; step++) {
            // Usually a line; sometimes a byte or several.
            int choice = choices >>> 2 * (step % 16) & 3;
            if (choice == 1) {
                int read = input.read();
                assertEquals(expected.read(), read);
                if (read < 0) {
                    return;
                }
            } else if (choice == 2) {
                byte[] target = new byte[most];
                int count = input.read(target, 0, most);
                if (count < 0) {
                    assertEquals(-1, expected.read());
                    return;
                }
                assertTrue(count > 0);
                assertArrayEquals(expected.read(count), Arrays.copyOf(target, count));
            } else if (!sameLine(expected, input, most, charset, malformed)) {
                return;
            }
        }
    }

    /** Reads a line; returns whether another may follow. */
    private static boolean sameLine(
            SimpleReader expected, LineInput input, int most, Charset charset, CodingErrorAction malformed)
            throws IOException {
        byte[] line = expected.line();
        if (line == null) {
            assertEquals(null, input.readLine(most, charset, malformed));
            return false;
        }
        if (line.length > most) {
            assertThrows(LineTooLongException.class, () -> input.readLine(most, charset, malformed));
            return false;
        }
        String text;
        try {
            text = charset.newDecoder()
                    .onMalformedInput(malformed)
                    .onUnmappableCharacter(malformed)
                    .decode(ByteBuffer.wrap(line))
                    .toString();
        } catch (CharacterCodingException reported) {
            assertThrows(MalformedTextException.class, () -> input.readLine(most, charset, malformed));
            return true;
        }
        assertEquals(text, input.readLine(most, charset, malformed));
        return true;
    }

    /** What {@link LineInput} does, with all bytes at hand and no limit. */
    private static final class SimpleReader {
        private final byte[] bytes;
        private int position;

        SimpleReader(byte[] bytes) {
            this.bytes = bytes;
        }

        int read() {
            return position < bytes.length ? bytes[position++] & 0xff : -1;
        }

        byte[] read(int count) {
            byte[] read = Arrays.copyOfRange(bytes, position, position + count);
            position += count;
            return read;
        }

        byte @Nullable [] line() {
            if (position == bytes.length) {
                return null;
            }
            int end = position;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            boolean isEnded = end < bytes.length;
            int until = isEnded && end > position && bytes[end - 1] == '\r' ? end - 1 : end;
            byte[] line = Arrays.copyOfRange(bytes, position, until);
            position = isEnded ? end + 1 : end;
            return line;
        }
    }
}
