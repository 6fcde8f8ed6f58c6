package org.socketserver.unix;

import java.net.SocketException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFSocket;
import org.newsclub.net.unix.AFSocketCapability;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/** The start of every use of junixsocket: whether it works on this platform, and conversion of addresses. */
final class NativeSockets {
    private NativeSockets() {}

    /**
     * Checks that junixsocket supports a capability.
     *
     * @throws UnsupportedOperationException if the platform does not support it, or the native library can't be loaded
     */
    static void require(String feature, AFSocketCapability... capabilities) {
        try {
            AFSocket.ensureSupported();
        } catch (LinkageError | UnsupportedOperationException unloadable) {
            throw unloadable(feature, unloadable);
        }
        for (AFSocketCapability capability : capabilities) {
            if (!AFSocket.supports(capability)) {
                throw unsupported(feature, null);
            }
        }
    }

    /**
     * Returns the exception for a library that can't be loaded: junixsocket-native-common is missing or has none for
     * this platform, the temporary folder is mounted noexec, or --illegal-native-access=deny is set (JEP 472).
     *
     * @param failure the error itself the first time, later an exception about it
     */
    static UnsupportedOperationException unloadable(String feature, Throwable failure) {
        Throwable cause = Objects.requireNonNullElse(failure.getCause(), failure);
        return new UnsupportedOperationException(
                feature + " need junixsocket's native library, which can't be loaded on " + platform() + ": "
                        + cause.getMessage(),
                failure);
    }

    static UnsupportedOperationException unsupported(String feature, @Nullable Throwable cause) {
        return new UnsupportedOperationException(platform() + " has no " + feature, cause);
    }

    private static String platform() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + " ("
                + System.getProperty("os.arch") + ")";
    }

    /**
     * Converts an address for junixsocket, byte by byte. junixsocket silently truncates an address that is too long.
     */
    static AFUNIXSocketAddress address(UnixAddress address) throws SocketException {
        AFUNIXSocketAddress known = address.libraryForm();
        if (known == null) {
            known = AFUNIXSocketAddress.of(address.kernelName());
            address.libraryForm(known);
        }
        return known;
    }

    /** Converts an address from junixsocket, where null is an unnamed address. */
    static UnixAddress address(@Nullable AFUNIXSocketAddress address) {
        if (address == null) {
            return UnixAddress.unnamed();
        }
        UnixAddress received = UnixAddress.ofKernel(address.getPathAsBytes());
        // junixsocket returns abstract names with padding; nothing can be sent to a padded name.
        if (!received.isUnnamed() && !received.isAbstract()) {
            received.libraryForm(address);
        }
        return received;
    }
}
