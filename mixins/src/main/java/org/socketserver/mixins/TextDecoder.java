package org.socketserver.mixins;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/** Decodes bytes from a peer as text; malformed bytes are treated as the handler requests. Keeps no state. */
final class TextDecoder {
    private TextDecoder() {}

    /**
     * Decodes the bytes from one index up to another.
     *
     * @throws MalformedTextException if some bytes are malformed and {@code malformed} is {@code REPORT}; its offset
     *     counts from {@code from}
     */
    static String decode(byte[] bytes, int from, int to, Charset charset, CodingErrorAction malformed)
            throws MalformedTextException {
        if (malformed == CodingErrorAction.REPLACE) {
            // The same as a decoder that replaces, without creating one.
            return new String(bytes, from, to - from, charset);
        }
        CharsetDecoder decoder =
                charset.newDecoder().onMalformedInput(malformed).onUnmappableCharacter(malformed);
        ByteBuffer rest = ByteBuffer.wrap(bytes, from, to - from);
        CharBuffer text = CharBuffer.allocate((int) Math.ceil((to - from) * (double) decoder.maxCharsPerByte()));
        CoderResult result = decoder.decode(rest, text, true);
        if (result.isError()) {
            throw new MalformedTextException(charset, rest.position() - from, result.length());
        }
        decoder.flush(text);
        return text.flip().toString();
    }
}
