package org.socketserver.mixins.wire;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.List;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.spi.PortableType;

/**
 * Writes and reads the values that a {@link PortableType} is known for: its name, the length, the bytes.
 *
 * <p>Types are found by the class loader of this module and the context class loader of the calling thread. Any thread
 * may call; a stream belongs to one at a time. A {@link PortableType} that can't be made, or two that are for the same,
 * are a {@link ServiceConfigurationError} in each of these methods.
 */
public final class PortableValues {
    private static final int LONGEST_NAME = 64;
    /** What two bytes can count. */
    private static final int LONGEST_VALUE = 0xffff;

    private PortableValues() {}

    /**
     * Writes a value.
     *
     * @param output where to
     * @param value an address or a fact
     * @throws IllegalArgumentException if there is no {@link PortableType} for its class, or that can't carry this
     *     value; nothing is written then
     * @throws IOException if the output fails
     */
    public static void write(DataOutput output, Object value) throws IOException {
        PortableType<?> type = KnownTypes.here()
                .of(value.getClass())
                .orElseThrow(() -> new IllegalArgumentException(
                        "a " + value.getClass().getName() + " can't be carried to another process: provide a "
                                + PortableType.class.getName() + " for it"));
        byte[] bytes = encoded(type, value);
        WireText.write(output, "the name of a portable type", type.name(), LONGEST_NAME);
        output.writeShort(bytes.length);
        output.write(bytes);
    }

    private static <T> byte[] encoded(PortableType<T> type, Object value) {
        byte[] bytes = Objects.requireNonNull(
                type.encode(type.type().cast(value)), () -> type.getClass().getName() + " encodes a value as null");
        if (bytes.length > LONGEST_VALUE) {
            throw new IllegalArgumentException("a value of " + type.name() + " has " + bytes.length
                    + " bytes; it must have at most " + LONGEST_VALUE);
        }
        return bytes;
    }

    /**
     * Reads a value.
     *
     * @param input where from
     * @return the value
     * @throws ProtocolException if nothing is known by its name, or its bytes are none of the type's, whatever the type
     *     throws
     * @throws java.io.EOFException if the input ends before
     * @throws IOException if the input fails
     */
    public static Object read(DataInput input) throws IOException {
        String name = WireText.read(input, "the name of a portable type", LONGEST_NAME);
        PortableType<?> type = KnownTypes.here()
                .named(name)
                .orElseThrow(() -> new ProtocolException("no portable type is known by the name '" + name + "'"));
        byte[] bytes = new byte[input.readUnsignedShort()];
        input.readFully(bytes);
        return decoded(type, bytes);
    }

    private static <T> T decoded(PortableType<T> type, byte[] bytes) throws ProtocolException {
        try {
            return Objects.requireNonNull(
                    type.type().cast(type.decode(bytes)), () -> type.getClass().getName() + " decodes a value as null");
        } catch (RuntimeException defect) {
            ProtocolException failure = new ProtocolException(
                    "a value of " + type.name() + ", of " + bytes.length + " bytes, can't be read: " + defect);
            failure.initCause(defect);
            throw failure;
        }
    }

    /**
     * Returns the known types that are not addresses: what a {@link StreamRequest} can be asked for with {@link
     * StreamRequest#attribute}.
     *
     * @return all of them, immutable
     */
    public static List<PortableType<?>> facts() {
        return KnownTypes.here().facts();
    }
}
