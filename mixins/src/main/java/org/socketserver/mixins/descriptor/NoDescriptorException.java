package org.socketserver.mixins.descriptor;

import java.io.IOException;

/**
 * A connection's descriptor can't be had, so that it was not handed over. Nothing was written; unless it was closed
 * meanwhile, the connection is as before, and can be relayed.
 */
public final class NoDescriptorException extends IOException {
    private static final long serialVersionUID = 1L;

    NoDescriptorException(String message) {
        super(message);
    }

    NoDescriptorException(String message, Exception cause) {
        super(message, cause);
    }
}
