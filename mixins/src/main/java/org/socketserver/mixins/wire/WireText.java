package org.socketserver.mixins.wire;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Text on the wire: its length in two bytes, then UTF-8. Half a surrogate pair becomes {@code ?}.
 *
 * <p>Both sides give the bound, 65,535 bytes at most, so nothing large is ever made of a few bytes, nor of a large
 * text.
 */
final class WireText {
    /** What two bytes can count. */
    static final int LONGEST = 0xffff;

    /** What stands for bytes that are no UTF-8. */
    private static final char REPLACEMENT = '\ufffd';

    private WireText() {}

    /** Writes a text; refuses one of more bytes than allowed, and has written nothing then. */
    static void write(DataOutput output, String what, String text, int most) throws IOException {
        // No character has less than a byte.
        byte[] bytes = text.length() > most ? null : text.getBytes(StandardCharsets.UTF_8);
        if (bytes == null || bytes.length > most) {
            throw new IllegalArgumentException(
                    what + ", of " + text.length() + " characters, has more than " + most + " bytes in UTF-8");
        }
        output.writeShort(bytes.length);
        output.write(bytes);
    }

    /** Writes a text, or as much of it as fits, with a mark that says how long it was. */
    static void writeCut(DataOutput output, String text, int most) throws IOException {
        ByteBuffer bytes = room(text, most);
        if (!encode(text, bytes)) {
            byte[] mark = ("... (cut, of " + text.length() + " characters)").getBytes(StandardCharsets.US_ASCII);
            bytes.clear().limit(most - mark.length);
            encode(text, bytes);
            bytes.limit(most).put(mark);
        }
        write(output, bytes);
    }

    private static ByteBuffer room(String text, int most) {
        return ByteBuffer.allocate((int) Math.min(most, 3L * text.length()));
    }

    /** Encodes as many whole characters as there is room for; tells whether that was all. */
    private static boolean encode(String text, ByteBuffer bytes) {
        CharsetEncoder encoder = StandardCharsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
        return !encoder.encode(CharBuffer.wrap(text), bytes, true).isOverflow();
    }

    private static void write(DataOutput output, ByteBuffer bytes) throws IOException {
        output.writeShort(bytes.position());
        output.write(bytes.array(), 0, bytes.position());
    }

    /**
     * Reads a text.
     *
     * @throws ProtocolException if it is longer than that, or no UTF-8
     * @throws java.io.EOFException if the input ends before
     */
    static String read(DataInput input, String what, int most) throws IOException {
        int length = input.readUnsignedShort();
        if (length > most) {
            throw new ProtocolException(what + " has " + length + " bytes; it must have at most " + most);
        }
        byte[] bytes = new byte[length];
        input.readFully(bytes);
        // Fast, and certain unless there is a replacement character, which may have been sent.
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.indexOf(REPLACEMENT) < 0 ? text : strictly(bytes, what);
    }

    private static String strictly(byte[] bytes, String what) throws ProtocolException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw new ProtocolException(what + ", of " + bytes.length + " bytes, is not UTF-8");
        }
    }
}
