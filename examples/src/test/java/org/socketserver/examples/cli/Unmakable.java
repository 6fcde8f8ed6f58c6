package org.socketserver.examples.cli;

import org.socketserver.mixins.StreamRequestHandler;

/** Can't be made where a system property is set. */
public final class Unmakable extends StreamRequestHandler {
    static {
        if (Boolean.getBoolean("unmakable")) {
            throw new IllegalStateException("no configuration");
        }
    }

    @Override
    public void handle() {}
}
