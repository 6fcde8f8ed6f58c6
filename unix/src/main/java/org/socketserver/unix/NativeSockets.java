package org.socketserver.unix;

import java.net.SocketException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFSocket;
import org.newsclub.net.unix.AFSocketCapability;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/** What every use of junixsocket begins with: whether it works here, and its form of an address. */
final class NativeSockets {
    private NativeSockets() {}

    /**
     * Sees to it that junixsocket can do something.
     *
     * @throws UnsupportedOperationException if the platform can't, or the native library can't be loaded
     */
    static void require(String feature, AFSocketCapability... capabilities) {
        try {
            AFSocket.ensureSupported();
        } catch (LinkageError | UnsupportedOperationException unloadable) {
            // Without junixsocket-native-common, on a platform it has no library for, in a temporary folder mounted
            // noexec, and with --illegal-native-access=deny (JEP 472). It throws the error itself only the first time.
            Throwable cause = Objects.requireNonNullElse(unloadable.getCause(), unloadable);
            throw new UnsupportedOperationException(
                    feature + " need junixsocket's native library, which can't be loaded on " + platform() + ": "
                            + cause.getMessage(),
                    unloadable);
        }
        for (AFSocketCapability capability : capabilities) {
            if (!AFSocket.supports(capability)) {
                throw unsupported(feature, null);
            }
        }
    }

    static UnsupportedOperationException unsupported(String feature, @Nullable Throwable cause) {
        return new UnsupportedOperationException(platform() + " has no " + feature, cause);
    }

    private static String platform() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + " ("
                + System.getProperty("os.arch") + ")";
    }

    /** Gives an address to junixsocket, byte for byte; it would cut one that is too long without a word. */
    static AFUNIXSocketAddress address(UnixAddress address) throws SocketException {
        return AFUNIXSocketAddress.of(address.kernelName());
    }

    /** Takes an address from junixsocket, which has null for unnamed. */
    static UnixAddress address(@Nullable AFUNIXSocketAddress address) {
        return address == null ? UnixAddress.unnamed() : UnixAddress.ofKernel(address.getPathAsBytes());
    }
}
