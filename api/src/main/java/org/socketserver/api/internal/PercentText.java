package org.socketserver.api.internal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Decodes percent-encoded text (RFC 3986, section 2.1). */
public final class PercentText {
    private PercentText() {}

    /**
     * Replaces each {@code %XX} by the byte with this hexadecimal value. Other characters stay as they are.
     *
     * @param text the encoded text
     * @return the decoded text
     * @throws IllegalArgumentException if a percent sign is not followed by two hexadecimal digits, or the bytes are
     *     not UTF-8; the message quotes the text
     */
    public static String decode(String text) {
        var decoded = new ByteArrayOutputStream(text.length());
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                decoded.write(bytes[i]);
                continue;
            }
            int high = i + 1 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw invalid(text, "has a % without two hexadecimal digits; write %25 for a percent sign", null);
            }
            decoded.write(high << 4 | low);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(decoded.toByteArray()))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw invalid(text, "is not UTF-8 when decoded", malformed);
        }
    }

    private static IllegalArgumentException invalid(String text, String why, @Nullable Exception cause) {
        return new IllegalArgumentException(PlainText.of(text) + " " + why, cause);
    }
}
