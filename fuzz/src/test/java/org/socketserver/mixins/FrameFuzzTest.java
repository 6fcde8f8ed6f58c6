package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import org.socketserver.fuzz.Fuzzed;
import org.socketserver.fuzz.Pieces;

@Fuzzed
class FrameFuzzTest {
    private static final int[] PREFIXES = {1, 2, 4};

    @FuzzTest(maxDuration = "")
    void framesAreThoseOfASimpleReaderHoweverTheyAreSplitAndOnlyWhatArrivesCostsMemory(FuzzedDataProvider data)
            throws IOException {
        long sizes = data.consumeLong();
        int bufferSize = data.consumeInt(1, 600);
        int prefix = PREFIXES[data.consumeInt(0, PREFIXES.length - 1)];
        Framing framing = new Framing(prefix);
        int limit = framing.checkedLimit((int) data.consumeLong(1, Math.min(framing.longest(), Integer.MAX_VALUE)));
        byte[] bytes = data.consumeRemainingAsBytes();

        Pieces pieces = new Pieces(bytes, sizes);
        LineInput input = new LineInput(pieces, bufferSize, held -> {});
        // While an array grows, the old one and the new one exist.
        LineInput.Account account = held -> {
            assertTrue(held <= 1.5 * Math.max(8_192, 2 * pieces.given()), () -> held + " bytes for a frame");
            input.message(held);
        };
        int position = 0;
        while (position < bytes.length) {
            if (bytes.length - position < prefix) {
                assertThrows(TruncatedFrameException.class, () -> framing.read(input, limit, account));
                return;
            }
            long length = new BigInteger(1, Arrays.copyOfRange(bytes, position, position + prefix)).longValueExact();
            position += prefix;
            if (length > limit) {
                FrameTooLongException tooLong =
                        assertThrows(FrameTooLongException.class, () -> framing.read(input, limit, account));
                assertEquals(length, tooLong.length());
                return;
            }
            if (length > bytes.length - position) {
                assertThrows(TruncatedFrameException.class, () -> framing.read(input, limit, account));
                return;
            }
            byte[] frame = framing.read(input, limit, account);
            assertArrayEquals(Arrays.copyOfRange(bytes, position, position + (int) length), frame);
            assertArrayEquals(
                    Arrays.copyOfRange(bytes, position - prefix, position + (int) length), framing.prefixed(frame));
            position += (int) length;
        }
        assertNull(framing.read(input, limit, account));
    }
}
