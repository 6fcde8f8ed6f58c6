package org.socketserver.unix;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * recvfrom(2) and sendto(2) through the JDK's foreign functions, which are found by reflection because this code is
 * compiled for Java 17.
 *
 * <p>They are available on Linux with Java 22 or later, if native access is enabled for this module. On the class path
 * of Java 24 or later it is enabled, with a warning, once junixsocket has loaded its library, so check after that.
 *
 * <p>Memory is passed by its address, which direct buffers have. Each object has its own memory, for one caller at a
 * time.
 */
final class KernelCalls {
    /** The values of {@code os.arch} for which {@link Errno} is right and pointers have 64 bits. */
    private static final Set<String> PROCESSORS = Set.of("amd64", "aarch64");

    private static final short AF_UNIX = 1;

    /** Size of the family in a {@code sockaddr_un}. */
    private static final int FAMILY = Short.BYTES;

    /** Both are {@code (Object errno, int fd, long bytes, long length, int flags, long name, long nameLength) long}. */
    private static final @Nullable MethodHandle RECVFROM = find("recvfrom");

    private static final @Nullable MethodHandle SENDTO = find("sendto");

    /** Where the kernel writes {@code errno}. */
    private final ByteBuffer errno = direct(Integer.BYTES);

    private final Object errnoSegment = segment(errno);

    /** A {@code sockaddr_un}: the sender of the packet that was received, or the receiver of one to be sent. */
    private final ByteBuffer name = direct(FAMILY + UnixAddress.SUN_PATH);

    private final long nameAt = address(name);
    private final ByteBuffer nameLength = direct(Integer.BYTES);
    private final long nameLengthAt = address(nameLength);

    /** The buffer of the last call, because callers use the same buffer each time. */
    private @Nullable ByteBuffer last;

    private long lastAt;

    /** Returns whether this JVM can make these calls. */
    static boolean available() {
        return RECVFROM != null;
    }

    /** Receives a packet into a direct buffer. Returns its length, or the negative of {@code errno}. */
    long receive(int descriptor, ByteBuffer target, int flags) {
        nameLength.putInt(0, name.capacity());
        return call(RECVFROM, descriptor, target, flags, nameLengthAt);
    }

    /** Returns the sender of the packet that was received last. */
    UnixAddress sender() {
        byte[] path = new byte[Math.max(0, Math.min(nameLength.getInt(0), name.capacity()) - FAMILY)];
        name.get(FAMILY, path);
        return UnixAddress.ofKernel(path);
    }

    /** Sends a packet from a direct buffer. Returns its length, or the negative of {@code errno}. */
    long send(int descriptor, ByteBuffer source, int flags, UnixAddress target) {
        name.clear().putShort(AF_UNIX).put(target.kernelName());
        // A path ends with a NUL, an abstract name with the length.
        if (!target.isAbstract() && name.hasRemaining()) {
            name.put((byte) 0);
        }
        return call(SENDTO, descriptor, source, flags, name.position());
    }

    private long call(
            @Nullable MethodHandle handle, int descriptor, ByteBuffer bytes, int flags, long lengthOrItsAddress) {
        long at = addressOf(bytes) + bytes.position();
        try {
            if (handle == null) {
                throw new UnsupportedOperationException(
                        "Java " + Runtime.version().feature() + " has no foreign functions");
            }
            long result = (long) handle.invokeExact(
                    errnoSegment, descriptor, at, (long) bytes.remaining(), flags, nameAt, lengthOrItsAddress);
            return result < 0 ? -errno.getInt(0) : result;
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable never) {
            throw new LinkageError("a system call", never);
        }
    }

    private long addressOf(ByteBuffer bytes) {
        if (bytes != last) {
            if (!bytes.isDirect() || bytes.isReadOnly()) {
                throw new IllegalArgumentException(bytes + " is not a writable direct buffer");
            }
            lastAt = address(bytes);
            last = bytes;
        }
        return lastAt;
    }

    /** Returns a buffer in the byte order of the machine. */
    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** Returns the address of a direct buffer's first byte. */
    private static long address(ByteBuffer direct) {
        try {
            return (long) Class.forName("java.lang.foreign.MemorySegment")
                    .getMethod("address")
                    .invoke(segment(direct.duplicate().clear()));
        } catch (ReflectiveOperationException never) {
            throw new LinkageError("MemorySegment.address", never);
        }
    }

    private static Object segment(ByteBuffer direct) {
        try {
            return Class.forName("java.lang.foreign.MemorySegment")
                    .getMethod("ofBuffer", java.nio.Buffer.class)
                    .invoke(null, direct);
        } catch (ReflectiveOperationException never) {
            throw new LinkageError("MemorySegment.ofBuffer", never);
        }
    }

    private static @Nullable MethodHandle find(String name) {
        if (Runtime.version().feature() < 22
                || !System.getProperty("os.name", "").startsWith("Linux")
                || !PROCESSORS.contains(System.getProperty("os.arch"))) {
            return null;
        }
        try {
            // Checked first, because the JVM would print a warning otherwise.
            boolean enabled =
                    (boolean) Module.class.getMethod("isNativeAccessEnabled").invoke(KernelCalls.class.getModule());
            return enabled ? link(name) : null;
        } catch (ReflectiveOperationException | RuntimeException absent) {
            return null;
        }
    }

    private static MethodHandle link(String name) throws ReflectiveOperationException {
        Class<?> linkerType = Class.forName("java.lang.foreign.Linker");
        Class<?> layoutType = Class.forName("java.lang.foreign.MemoryLayout");
        Class<?> values = Class.forName("java.lang.foreign.ValueLayout");
        Class<?> descriptorType = Class.forName("java.lang.foreign.FunctionDescriptor");
        Class<?> optionType = Class.forName("java.lang.foreign.Linker$Option");
        Object linker = linkerType.getMethod("nativeLinker").invoke(null);
        Object lookup = linkerType.getMethod("defaultLookup").invoke(linker);
        Optional<?> symbol = (Optional<?>) Class.forName("java.lang.foreign.SymbolLookup")
                .getMethod("find", String.class)
                .invoke(lookup, name);
        Object ints = values.getField("JAVA_INT").get(null);
        Object longs = values.getField("JAVA_LONG").get(null);
        Object[] parameters = (Object[]) Array.newInstance(layoutType, 6);
        Arrays.fill(parameters, longs);
        parameters[0] = ints;
        parameters[3] = ints;
        Object description = descriptorType
                .getMethod("of", layoutType, parameters.getClass())
                .invoke(null, longs, parameters);
        Object options = Array.newInstance(optionType, 1);
        Method capture = optionType.getMethod("captureCallState", String[].class);
        Array.set(options, 0, capture.invoke(null, (Object) new String[] {"errno"}));
        MethodHandle handle = (MethodHandle) linkerType
                .getMethod(
                        "downcallHandle",
                        Class.forName("java.lang.foreign.MemorySegment"),
                        descriptorType,
                        options.getClass())
                .invoke(linker, symbol.orElseThrow(), description, options);
        return handle.asType(MethodType.methodType(
                long.class, Object.class, int.class, long.class, long.class, int.class, long.class, long.class));
    }
}
