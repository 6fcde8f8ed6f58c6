package org.socketserver.mixins.forking.wire;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.spi.PortableType;

/**
 * Writes and reads values of all known {@link PortableType}s, each as the name of its type, its length and its bytes.
 *
 * <p>Types are found on the class path and the module path of this process, which is what a worker has. Any thread may
 * call; a stream belongs to one at a time. All methods throw a {@link
 * ServiceConfigurationError} if a {@link PortableType} can't be created, or if two are for the same class or name.
 */
public final class PortableValues {
    private static final Pattern NAME = Pattern.compile("[a-z0-9.-]{1,64}");
    /** The greatest length that two bytes can hold. */
    private static final int MAX_VALUE = 0xffff;

    private static volatile @Nullable PortableValues known;

    private final Map<String, PortableType<?>> byName = new LinkedHashMap<>();
    private final Map<Class<?>, PortableType<?>> byType = new LinkedHashMap<>();
    private final List<PortableType<?>> attributeTypes;

    PortableValues(List<PortableType<?>> types) {
        types.forEach(this::add);
        attributeTypes = attributeTypes(types);
    }

    static List<PortableType<?>> attributeTypes(List<PortableType<?>> types) {
        return types.stream()
                .filter(type -> !SocketAddress.class.isAssignableFrom(type.type()))
                .toList();
    }

    private static PortableValues known() {
        PortableValues current = known;
        if (current == null) {
            List<PortableType<?>> types = new ArrayList<>();
            for (PortableType<?> type : ServiceLoader.load(PortableType.class, ClassLoader.getSystemClassLoader())) {
                types.add(type);
            }
            current = new PortableValues(types);
            known = current;
        }
        return current;
    }

    private void add(PortableType<?> type) {
        if (!NAME.matcher(type.name()).matches()) {
            throw new ServiceConfigurationError(type.getClass().getName() + " has the name '" + type.name()
                    + "'; it must have from 1 to 64 lower-case letters, digits, dots and hyphens");
        }
        requireFree(byName.putIfAbsent(type.name(), type), type, "the name " + type.name());
        requireFree(byType.putIfAbsent(type.type(), type), type, type.type().toString());
    }

    private static void requireFree(@Nullable PortableType<?> other, PortableType<?> type, String what) {
        if (other != null) {
            throw new ServiceConfigurationError(
                    other.getClass().getName() + " and " + type.getClass().getName() + " are both for " + what);
        }
    }

    /** Returns the type for this class, otherwise one for a superclass or interface. */
    private Optional<PortableType<?>> of(Class<?> type) {
        PortableType<?> exact = byType.get(type);
        if (exact != null) {
            return Optional.of(exact);
        }
        return byName.values().stream()
                .filter(known -> known.type().isAssignableFrom(type))
                .findFirst();
    }

    /**
     * Writes a value.
     *
     * @throws IllegalArgumentException if there is no {@link PortableType} for its class or the type rejects the value;
     *     then nothing is written
     */
    public static void write(DataOutput output, Object value) throws IOException {
        known().put(output, value);
    }

    void put(DataOutput output, Object value) throws IOException {
        PortableType<?> type = of(value.getClass())
                .orElseThrow(() -> new IllegalArgumentException(
                        "a " + value.getClass().getName() + " can't be carried to another process: provide a "
                                + PortableType.class.getName() + " for it"));
        byte[] bytes = encoded(type, value);
        output.writeUTF(type.name());
        output.writeShort(bytes.length);
        output.write(bytes);
    }

    private static <T> byte[] encoded(PortableType<T> type, Object value) {
        byte[] bytes = Objects.requireNonNull(
                type.encode(type.type().cast(value)), () -> type.getClass().getName() + " encodes a value as null");
        if (bytes.length > MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a value of " + type.name() + " has " + bytes.length + " bytes; it must have at most " + MAX_VALUE);
        }
        return bytes;
    }

    /**
     * Reads a value.
     *
     * @throws ProtocolException if its type is unknown or can't decode the bytes, whatever the type throws
     */
    public static Object read(DataInput input) throws IOException {
        return known().get(input);
    }

    Object get(DataInput input) throws IOException {
        String name = input.readUTF();
        PortableType<?> type = byName.get(name);
        if (type == null) {
            throw new ProtocolException("no portable type is known by the name '" + name + "'");
        }
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

    /** Returns the known types except addresses: the types of {@link StreamRequest#attribute}. */
    public static List<PortableType<?>> attributeTypes() {
        return known().attributeTypes;
    }
}
