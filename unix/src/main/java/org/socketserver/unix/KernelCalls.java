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
 * <p>Memory is passed by its address, which direct buffers have.
 */
final class KernelCalls {
    /** The values of {@code os.arch} for which {@link Errno} is right and pointers have 64 bits. */
    private static final Set<String> PROCESSORS = Set.of("amd64", "aarch64");

    /** Both are {@code (Object errno, int fd, long bytes, long length, int flags, long name, long nameLength) long}. */
    private static final @Nullable MethodHandle RECVFROM;

    private static final @Nullable MethodHandle SENDTO;

    static {
        MethodHandle[] found = find();
        RECVFROM = found.length == 0 ? null : found[0];
        SENDTO = found.length == 0 ? null : found[1];
    }

    /** Where the kernel writes {@code errno}, for one caller at a time. */
    private final ByteBuffer errno;

    private final Object errnoSegment;

    /** Makes calls for one caller at a time. */
    KernelCalls() {
        errno = direct(Integer.BYTES);
        errnoSegment = segment(errno);
    }

    /** Returns whether this JVM can make these calls. */
    static boolean available() {
        return RECVFROM != null;
    }

    /** Returns a buffer in the byte order of the machine. */
    static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** Returns the address of a direct buffer's first byte. */
    static long address(ByteBuffer direct) {
        try {
            return (long) Class.forName("java.lang.foreign.MemorySegment")
                    .getMethod("address")
                    .invoke(segment(direct.duplicate().clear()));
        } catch (ReflectiveOperationException never) {
            throw new LinkageError("MemorySegment.address", never);
        }
    }

    /** Receives a packet. Returns its length, or the negative of {@code errno}. */
    long receive(int descriptor, long bytes, long length, int flags, long name, long nameLength) {
        return call(RECVFROM, descriptor, bytes, length, flags, name, nameLength);
    }

    /** Sends a packet. Returns its length, or the negative of {@code errno}. */
    long send(int descriptor, long bytes, long length, int flags, long name, long nameLength) {
        return call(SENDTO, descriptor, bytes, length, flags, name, nameLength);
    }

    private long call(
            @Nullable MethodHandle handle,
            int descriptor,
            long bytes,
            long length,
            int flags,
            long name,
            long nameLength) {
        try {
            if (handle == null) {
                throw new UnsupportedOperationException(
                        "Java " + Runtime.version().feature() + " has no foreign functions");
            }
            long result = (long) handle.invokeExact(errnoSegment, descriptor, bytes, length, flags, name, nameLength);
            return result < 0 ? -errno.getInt(0) : result;
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable never) {
            throw new LinkageError("a call of the kernel", never);
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

    private static MethodHandle[] find() {
        if (Runtime.version().feature() < 22
                || !System.getProperty("os.name", "").startsWith("Linux")
                || !PROCESSORS.contains(System.getProperty("os.arch"))) {
            return new MethodHandle[0];
        }
        try {
            // Checked first, because the JVM would print a warning otherwise.
            if (!(boolean) Module.class.getMethod("isNativeAccessEnabled").invoke(KernelCalls.class.getModule())) {
                return new MethodHandle[0];
            }
            return new MethodHandle[] {find("recvfrom"), find("sendto")};
        } catch (ReflectiveOperationException | RuntimeException absent) {
            return new MethodHandle[0];
        }
    }

    private static MethodHandle find(String name) throws ReflectiveOperationException {
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
