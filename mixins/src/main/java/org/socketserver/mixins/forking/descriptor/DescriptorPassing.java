package org.socketserver.mixins.forking.descriptor;

import java.util.Optional;
import org.newsclub.net.unix.AFSocket;
import org.newsclub.net.unix.AFSocketCapability;

/**
 * Whether this process can hand connections to another as file descriptors, which needs junixsocket, an operating
 * system that can pass them, and a JDK that shows the descriptors of its connections.
 *
 * <p>May be called from any thread, even if junixsocket is missing.
 */
public final class DescriptorPassing {
    private static final Optional<String> OBSTACLE = find();

    private DescriptorPassing() {}

    /**
     * Returns what prevents it. Determined once.
     *
     * @return the reason, as text that can follow "because"; empty if nothing prevents it
     */
    public static Optional<String> obstacle() {
        return OBSTACLE;
    }

    private static Optional<String> find() {
        try {
            Class.forName("org.newsclub.net.unix.AFSocket", false, DescriptorPassing.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError absent) {
            return Optional.of("junixsocket (junixsocket-common) is not there");
        }
        try {
            return Native.obstacle().or(ChannelDescriptors::obstacle);
        } catch (RuntimeException | LinkageError unusable) {
            return Optional.of("junixsocket can't be used: " + unusable);
        }
    }

    /** Linked only if junixsocket is present. */
    private static final class Native {
        private static Optional<String> obstacle() {
            try {
                AFSocket.ensureSupported();
            } catch (UnsupportedOperationException | UnsatisfiedLinkError unloadable) {
                // junixsocket-native-common is missing or lacks this platform, the temporary folder is mounted
                // noexec, or --illegal-native-access=deny is set (JEP 472).
                return Optional.of("junixsocket's native library can't be loaded: " + rootOf(unloadable));
            }
            AFSocketCapability needed = AFSocketCapability.CAPABILITY_FILE_DESCRIPTORS;
            return AFSocket.supports(needed) ? Optional.empty() : Optional.of("junixsocket has no " + needed + " here");
        }

        private static String rootOf(Throwable failure) {
            Throwable root = failure;
            for (Throwable cause = root.getCause(); cause != null; cause = root.getCause()) {
                root = cause;
            }
            return String.valueOf(root.getMessage());
        }
    }
}
