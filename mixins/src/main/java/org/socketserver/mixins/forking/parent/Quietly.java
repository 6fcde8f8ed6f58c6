package org.socketserver.mixins.forking.parent;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Closes what needs no care any more: a descriptor is released even when close reports an error (close(2), Linux). */
final class Quietly {
    private Quietly() {}

    static void close(@Nullable Closeable resource) {
        if (resource != null) {
            try {
                resource.close();
            } catch (IOException released) {
                // As good as closed.
            }
        }
    }
}
