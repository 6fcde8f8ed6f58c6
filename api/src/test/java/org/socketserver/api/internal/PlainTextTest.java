package org.socketserver.api.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlainTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "~ gr\u00fcn \u4e2d\u6587", "\ud83d\ude00", "a\\u000ab"})
    void textWithoutControlCharactersIsUnchanged(String text) {
        assertSame(text, PlainText.of(text));
    }

    @ParameterizedTest
    @CsvSource({
        "a,000a",
        "d,000d",
        "9,0009",
        "0,0000",
        "1b,001b",
        "7f,007f",
        "9b,009b",
        "85,0085",
        "2028,2028",
        "202e,202e"
    })
    void controlCharactersAreEscapedAtEveryPosition(String code, String escaped) {
        String c = Character.toString(Integer.parseInt(code, 16));
        String e = "\\u" + escaped;
        assertEquals(e + "x" + e + e + "y\u00fc" + e, PlainText.of(c + "x" + c + c + "y\u00fc" + c));
    }

    @Test
    void onlyUnpairedSurrogatesAreEscaped() {
        assertEquals("a\\ud83db\ud83d\ude00\\ude00", PlainText.of("a\ud83db\ud83d\ude00\ude00"));
        // An invisible tag character outside the basic plane is escaped, too.
        assertEquals("\\udb40\\udc41", PlainText.of("\udb40\udc41"));
    }
}
