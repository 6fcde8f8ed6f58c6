package org.socketserver.proxy;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The type-length-value fields of a header, or those in a field: one byte, two bytes, the value. */
final class Tlvs {
    static final Tlvs NONE = new Tlvs(new byte[0], List.of());

    private static final int NOOP = 0x04;
    private static final int BEFORE_VALUE = 1 + Short.BYTES;

    private record Tlv(int type, int from, int length) {}

    private final byte[] bytes;
    private final List<Tlv> all;

    private Tlvs(byte[] bytes, List<Tlv> all) {
        this.bytes = bytes;
        this.all = all;
    }

    /** Parses all bytes of a range, which are not copied. */
    static Tlvs parse(byte[] bytes, int from, int to) throws ProtocolException {
        List<Tlv> all = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(bytes, from, to - from);
        while (rest.hasRemaining()) {
            if (rest.remaining() < BEFORE_VALUE) {
                throw new ProtocolException("the PROXY header has " + rest.remaining()
                        + " bytes after its last TLV; a TLV needs at least " + BEFORE_VALUE);
            }
            int type = rest.get() & 0xff;
            int length = rest.getShort() & 0xffff;
            if (length > rest.remaining()) {
                throw new ProtocolException(
                        named(type) + " declares " + length + " bytes; only " + rest.remaining() + " follow");
            }
            if (type != NOOP) {
                all.add(new Tlv(type, rest.position(), length));
            }
            rest.position(rest.position() + length);
        }
        return new Tlvs(bytes, all);
    }

    private static String named(int type) {
        return String.format("TLV 0x%02x of the PROXY header", type);
    }

    private Optional<Tlv> find(int type) {
        return all.stream().filter(tlv -> tlv.type == type).findFirst();
    }

    void requireOnce(int type) throws ProtocolException {
        long count = all.stream().filter(tlv -> tlv.type == type).count();
        if (count > 1) {
            throw new ProtocolException(named(type) + " is present " + count + " times; it may be present once");
        }
    }

    /** Returns the length; 0 if there is no such TLV. */
    int requireLength(int type, int least, int most) throws ProtocolException {
        Tlv found = find(type).orElse(null);
        if (found != null && (found.length < least || found.length > most)) {
            throw new ProtocolException(named(type) + " has " + found.length + " bytes; it must have "
                    + (least == most ? least : "from " + least + " to " + most));
        }
        return found == null ? 0 : found.length;
    }

    /** Returns where the value begins; -1 if there is no such TLV. */
    int indexOf(int type) {
        return find(type).map(Tlv::from).orElse(-1);
    }

    List<byte[]> values(int type) {
        return all.stream().filter(tlv -> tlv.type == type).map(this::value).toList();
    }

    Optional<byte[]> first(int type) {
        return find(type).map(this::value);
    }

    private byte[] value(Tlv tlv) {
        return Arrays.copyOfRange(bytes, tlv.from, tlv.from + tlv.length);
    }

    /** Returns a value in UTF-8; empty if it is not UTF-8 or contains NUL, which ends a string in other programs. */
    Optional<String> text(int type) {
        return first(type).flatMap(value -> {
            try {
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(value))
                        .toString();
                return text.indexOf('\0') < 0 ? Optional.of(text) : Optional.empty();
            } catch (CharacterCodingException noText) {
                return Optional.empty();
            }
        });
    }
}
