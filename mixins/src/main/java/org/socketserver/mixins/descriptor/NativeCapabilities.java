package org.socketserver.mixins.descriptor;

import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.newsclub.net.unix.AFSocket;
import org.newsclub.net.unix.AFSocketCapability;

/** What passing descriptors needs of junixsocket and of the operating system. */
final class NativeCapabilities {
    private static final List<AFSocketCapability> NEEDED =
            List.of(AFSocketCapability.CAPABILITY_FILE_DESCRIPTORS, AFSocketCapability.CAPABILITY_UNSAFE);

    private NativeCapabilities() {}

    /**
     * Returns what is missing.
     *
     * @throws LinkageError if classes of junixsocket can't be linked
     */
    static Optional<String> missing() {
        try {
            AFSocket.ensureSupported();
        } catch (UnsupportedOperationException | UnsatisfiedLinkError unloadable) {
            // junixsocket-native-common is missing or has none for this platform, the temporary folder is mounted
            // noexec,
            // or --illegal-native-access=deny is set (JEP 472).
            return Optional.of("junixsocket's native library can't be loaded: " + rootOf(unloadable));
        }
        for (AFSocketCapability capability : NEEDED) {
            if (!AFSocket.supports(capability)) {
                return Optional.of("junixsocket has no " + capability + " here");
            }
        }
        if (!Files.isDirectory(DescriptorNumbers.FOLDER) || !Files.isDirectory(DescriptorNumbers.STATES)) {
            return Optional.of("there is no " + DescriptorNumbers.FOLDER);
        }
        return Optional.empty();
    }

    private static String rootOf(Throwable failure) {
        Throwable root = failure;
        for (Throwable cause = root.getCause(); cause != null; cause = root.getCause()) {
            root = cause;
        }
        return String.valueOf(root.getMessage());
    }
}
