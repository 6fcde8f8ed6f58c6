package org.socketserver.unix;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFSocket;
import org.newsclub.net.unix.AFSocketCapability;

/** The start of every use of junixsocket: whether it works on this platform. */
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
}
