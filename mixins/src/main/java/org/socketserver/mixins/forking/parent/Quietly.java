package org.socketserver.mixins.forking.parent;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Closes resources and ignores failures: on Linux, close(2) releases the descriptor even if it fails. */
final class Quietly {
    private Quietly() {}

    static void close(@Nullable Closeable resource) {
        if (resource != null) {
            try {
                resource.close();
            } catch (IOException released) {
                // Closed all the same.
            }
        }
    }
}
