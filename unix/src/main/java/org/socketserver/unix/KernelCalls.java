package org.socketserver.unix;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
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
 * <p>Memory is passed as direct buffers, from position to limit. Each object has its own memory, for one caller at a
 * time.
 */
final class KernelCalls {
    /** The values of {@code os.arch} for which {@link Errno} is right. */
    private static final Set<String> PROCESSORS = Set.of("amd64", "aarch64");

    private static final short AF_UNIX = 1;

    /** Size of the family in a {@code sockaddr_un}. */
    private static final int FAMILY = Short.BYTES;

    /** The last argument is a buffer, where the kernel reads and writes the length of the name. */
    private static final @Nullable MethodHandle RECVFROM = find("recvfrom", "ADDRESS");

    /** The last argument is the length of the name. */
    private static final @Nullable MethodHandle SENDTO = find("sendto", "JAVA_INT");

    /** Where the JDK writes {@code errno}. */
    private final ByteBuffer errno = direct(Integer.BYTES);

    /** A {@code sockaddr_un}: the sender of the packet that was received, or the receiver of one to be sent. */
    private final ByteBuffer name = direct(FAMILY + UnixAddress.SUN_PATH);

    private final ByteBuffer nameLength = direct(Integer.BYTES);

    /** Returns whether this JVM can make these calls. */
    static boolean available() {
        return RECVFROM != null;
    }

    /** Receives a packet into a direct buffer. Returns its length, or the negative of {@code errno}. */
    long receive(int socket, ByteBuffer target, int flags) {
        nameLength.putInt(0, name.clear().capacity());
        return call(RECVFROM, socket, target, flags, nameLength);
    }

    /** Returns the sender of the packet that was received last. */
    UnixAddress sender() {
        byte[] path = new byte[Math.max(0, Math.min(nameLength.getInt(0), name.capacity()) - FAMILY)];
        name.get(FAMILY, path);
        return UnixAddress.ofKernel(path);
    }

    /** Sends a packet from a direct buffer. Returns its length, or the negative of {@code errno}. */
    long send(int socket, ByteBuffer source, int flags, UnixAddress target) {
        name.clear().putShort(AF_UNIX).put(target.kernelName());
        // A path ends with a NUL, an abstract name with the length.
        if (!target.isAbstract() && name.hasRemaining()) {
            name.put((byte) 0);
        }
        return call(SENDTO, socket, source, flags, name.flip().limit());
    }

    private long call(@Nullable MethodHandle function, int socket, ByteBuffer bytes, int flags, Object lastArgument) {
        if (!bytes.isDirect() || bytes.isReadOnly()) {
            throw new IllegalArgumentException(bytes + " is not a writable direct buffer");
        }
        try {
            long result = (long) Objects.requireNonNull(function, "needs Java 22")
                    .invokeExact(errno, socket, bytes, (long) bytes.remaining(), flags, name, lastArgument);
            return result < 0 ? -errno.getInt(0) : result;
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable never) {
            throw new LinkageError("a system call", never);
        }
    }

    /** Returns a buffer in the byte order of the machine. */
    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /**
     * Returns {@code (ByteBuffer errno, int socket, ByteBuffer bytes, long length, int flags, ByteBuffer name, Object
     * nameLength) long}; null if this JVM can't make the call.
     */
    private static @Nullable MethodHandle find(String function, String nameLength) {
        if (Runtime.version().feature() < 22
                || !System.getProperty("os.name", "").startsWith("Linux")
                || !PROCESSORS.contains(System.getProperty("os.arch"))) {
            return null;
        }
        try {
            // Checked first, because the JVM would print a warning otherwise.
            boolean enabled =
                    (boolean) Module.class.getMethod("isNativeAccessEnabled").invoke(KernelCalls.class.getModule());
            return enabled
                    ? link(function, "JAVA_INT", "ADDRESS", "JAVA_LONG", "JAVA_INT", "ADDRESS", nameLength)
                    : null;
        } catch (ReflectiveOperationException | RuntimeException absent) {
            return null;
        }
    }

    private static MethodHandle link(String function, String... parameters) throws ReflectiveOperationException {
        Class<?> linkerType = Class.forName("java.lang.foreign.Linker");
        Class<?> layoutType = Class.forName("java.lang.foreign.MemoryLayout");
        Class<?> layoutsType = Class.forName("java.lang.foreign.ValueLayout");
        Class<?> descriptorType = Class.forName("java.lang.foreign.FunctionDescriptor");
        Class<?> optionType = Class.forName("java.lang.foreign.Linker$Option");
        Class<?> segmentType = Class.forName("java.lang.foreign.MemorySegment");
        Object linker = linkerType.getMethod("nativeLinker").invoke(null);
        Object symbols = linkerType.getMethod("defaultLookup").invoke(linker);
        Optional<?> symbol = (Optional<?>) Class.forName("java.lang.foreign.SymbolLookup")
                .getMethod("find", String.class)
                .invoke(symbols, function);
        Object layouts = Array.newInstance(layoutType, parameters.length);
        for (int i = 0; i < parameters.length; i++) {
            Array.set(layouts, i, layoutsType.getField(parameters[i]).get(null));
        }
        Object description = descriptorType
                .getMethod("of", layoutType, layouts.getClass())
                .invoke(null, layoutsType.getField("JAVA_LONG").get(null), layouts);
        Object options = Array.newInstance(optionType, 1);
        Method capture = optionType.getMethod("captureCallState", String[].class);
        Array.set(options, 0, capture.invoke(null, (Object) new String[] {"errno"}));
        MethodHandle handle = (MethodHandle) linkerType
                .getMethod("downcallHandle", segmentType, descriptorType, options.getClass())
                .invoke(linker, symbol.orElseThrow(), description, options);
        MethodHandle ofBuffer = MethodHandles.publicLookup()
                .findStatic(segmentType, "ofBuffer", MethodType.methodType(segmentType, Buffer.class))
                .asType(MethodType.methodType(segmentType, ByteBuffer.class));
        for (int i = 0; i < handle.type().parameterCount(); i++) {
            if (handle.type().parameterType(i) == segmentType) {
                handle = MethodHandles.filterArguments(handle, i, ofBuffer);
            }
        }
        return handle.asType(handle.type().changeParameterType(parameters.length, Object.class));
    }
}
