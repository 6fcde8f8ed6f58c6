package org.socketserver.mixins.descriptor;

import java.util.Optional;

/**
 * Whether this process can hand connections to another as descriptors, which takes junixsocket and an operating system
 * that shows a process its own descriptors.
 *
 * <p>May be asked from any thread, also where junixsocket is missing.
 */
public final class DescriptorPassing {
    private DescriptorPassing() {}

    /**
     * Returns what prevents it. Determined once; later changes are not noticed.
     *
     * @return the obstacle in words that can follow "because"; empty if there is none
     */
    public static Optional<String> obstacle() {
        return Answer.OBSTACLE;
    }

    /** Found out when it is first asked for. */
    private static final class Answer {
        static final Optional<String> OBSTACLE = find();

        private static Optional<String> find() {
            try {
                Class.forName("org.newsclub.net.unix.AFSocket", false, DescriptorPassing.class.getClassLoader());
            } catch (ClassNotFoundException | LinkageError absent) {
                return Optional.of("junixsocket (junixsocket-common) is not there");
            }
            try {
                return NativeCapabilities.missing();
            } catch (RuntimeException | LinkageError unusable) {
                return Optional.of("junixsocket can't be used: " + unusable);
            }
        }
    }
}
