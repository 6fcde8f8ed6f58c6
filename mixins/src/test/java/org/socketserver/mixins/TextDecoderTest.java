package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TextDecoderTest {
    /** Decodes the bytes within a larger array. */
    private static String decode(String bytes, Charset charset, CodingErrorAction malformed)
            throws MalformedTextException {
        byte[] all = ("\u00e9" + bytes + "\u00e9").getBytes(StandardCharsets.ISO_8859_1);
        return TextDecoder.decode(all, 1, all.length - 1, charset, malformed);
    }

    static List<CodingErrorAction> actions() {
        return List.of(CodingErrorAction.REPLACE, CodingErrorAction.REPORT, CodingErrorAction.IGNORE);
    }

    @ParameterizedTest
    @MethodSource("actions")
    void validTextIsDecodedTheSameWithEveryAction(CodingErrorAction malformed) throws Exception {
        String text = "a\u00e4\u20ac\ud83d\ude00";
        for (Charset charset : List.of(
                StandardCharsets.UTF_8,
                StandardCharsets.UTF_16,
                Charset.forName("GB18030"),
                Charset.forName("UTF-32BE"))) {
            byte[] bytes = text.getBytes(charset);
            assertEquals(text, TextDecoder.decode(bytes, 0, bytes.length, charset, malformed), charset.name());
            assertEquals("", TextDecoder.decode(bytes, 1, 1, charset, malformed), charset.name());
        }
        byte[] stateful = "\u3042a".getBytes(Charset.forName("ISO-2022-JP"));
        assertEquals(
                "\u3042a", TextDecoder.decode(stateful, 0, stateful.length, Charset.forName("ISO-2022-JP"), malformed));
    }

    @Test
    void malformedBytesAreReplacedDroppedOrReported() throws Exception {
        String bytes = "ab\u00ffc\u00c3";
        assertEquals("ab\ufffdc\ufffd", decode(bytes, StandardCharsets.UTF_8, CodingErrorAction.REPLACE));
        assertEquals("abc", decode(bytes, StandardCharsets.UTF_8, CodingErrorAction.IGNORE));
        MalformedTextException reported = assertThrows(
                MalformedTextException.class, () -> decode(bytes, StandardCharsets.UTF_8, CodingErrorAction.REPORT));
        assertEquals("1 byte at offset 2 is not UTF-8", reported.getMessage());
        assertEquals(2, reported.offset());
        assertEquals(1, reported.length());
    }

    @Test
    void anIncompleteCharacterAtTheEndIsReportedWithItsLength() {
        MalformedTextException reported = assertThrows(
                MalformedTextException.class,
                () -> decode("abc\u00e2\u0082", StandardCharsets.UTF_8, CodingErrorAction.REPORT));
        assertEquals("2 bytes at offset 3 are not UTF-8", reported.getMessage());
        assertEquals(2, reported.length());
    }

    @Test
    void unmappableBytesAreMalformed() throws Exception {
        Charset charset = Charset.forName("windows-1252");
        assertEquals("a\ufffd", decode("a\u0081", charset, CodingErrorAction.REPLACE));
        assertEquals("a", decode("a\u0081", charset, CodingErrorAction.IGNORE));
        assertEquals(
                "1 byte at offset 1 is not windows-1252",
                assertThrows(MalformedTextException.class, () -> decode("a\u0081", charset, CodingErrorAction.REPORT))
                        .getMessage());
    }
}
