package org.socketserver.examples.cli;

import org.socketserver.mixins.StreamRequestHandler;

/** A handler class whose initialization fails if a system property is set. */
public final class Unmakable extends StreamRequestHandler {
    static {
        if (Boolean.getBoolean("unmakable")) {
            throw new IllegalStateException("no configuration");
        }
    }

    @Override
    public void handle() {}
}
