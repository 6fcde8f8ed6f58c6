package org.socketserver.mixins.pool;

import java.io.IOException;
import java.io.Serial;

/** A worker could not be reached any more; what became of it is found out by whoever catches this. */
final class WorkerLostException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    WorkerLostException(Exception cause) {
        super(cause);
    }
}
