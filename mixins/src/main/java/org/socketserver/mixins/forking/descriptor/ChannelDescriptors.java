package org.socketserver.mixins.forking.descriptor;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.FileDescriptorAccess;

/**
 * Returns the file descriptors of channels. junixsocket's channels have a method for that. The JDK's have one in a
 * package that only the user can open, with an option of java or a line in the manifest of the jar that is run.
 */
final class ChannelDescriptors {
    private static final String PACKAGE = "sun.nio.ch";

    /** Null if the JDK does not open its package, or is another JDK. */
    private static final @Nullable Method GET_DESCRIPTOR = find("SelChImpl", "getFD");

    private static final @Nullable Method CONFIGURE_BLOCKING =
            find("IOUtil", "configureBlocking", FileDescriptor.class, boolean.class);

    private ChannelDescriptors() {}

    private static @Nullable Method find(String className, String methodName, Class<?>... parameters) {
        try {
            Method method = Class.forName(PACKAGE + '.' + className).getMethod(methodName, parameters);
            return method.trySetAccessible() ? method : null;
        } catch (ReflectiveOperationException | LinkageError anotherJdk) {
            return null;
        }
    }

    /** Returns why the descriptors of the JDK's channels are not available, and what to do; empty if they are. */
    static Optional<String> obstacle() {
        if (GET_DESCRIPTOR != null && CONFIGURE_BLOCKING != null) {
            return Optional.empty();
        }
        Module own = ChannelDescriptors.class.getModule();
        return Optional.of(
                "the JDK hides the file descriptors of its connections; start java with --add-opens java.base/"
                        + PACKAGE + '=' + (own.isNamed() ? own.getName() : "ALL-UNNAMED"));
    }

    /**
     * Returns the descriptor of a channel, which owns it. The descriptor of a blocking channel is made blocking: a
     * virtual thread that has read from the channel, for a layer, has made it non-blocking.
     *
     * @throws IOException if it is not available
     */
    static FileDescriptor of(SocketChannel channel) throws IOException {
        if (channel instanceof FileDescriptorAccess open) {
            return open.getFileDescriptor();
        }
        Method method = GET_DESCRIPTOR;
        Method configureBlocking = CONFIGURE_BLOCKING;
        if (method == null
                || configureBlocking == null
                || !method.getDeclaringClass().isInstance(channel)) {
            throw new IOException(
                    obstacle().orElse("it is a " + channel.getClass().getName()));
        }
        try {
            FileDescriptor descriptor = (FileDescriptor) method.invoke(channel);
            configureBlocking.invoke(null, descriptor, channel.isBlocking());
            return descriptor;
        } catch (IllegalAccessException | InvocationTargetException failure) {
            throw new IOException("the JDK does not give access to the descriptor: " + failure, failure);
        }
    }
}
