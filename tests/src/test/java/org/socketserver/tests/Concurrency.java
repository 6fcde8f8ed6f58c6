package org.socketserver.tests;

import org.socketserver.api.BaseServer;
import org.socketserver.api.VirtualThreads;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;

/** Where requests run: every way there is. */
enum Concurrency {
    SYNCHRONOUS,
    VIRTUAL,
    PLATFORM;

    boolean isAvailable() {
        return this != VIRTUAL || VirtualThreads.available();
    }

    boolean isThreaded() {
        return this != SYNCHRONOUS;
    }

    void mixInto(BaseServer<?> server) {
        if (isThreaded()) {
            server.mixIn(threading());
        }
    }

    ThreadingMixIn threading() {
        return new ThreadingMixIn(this == VIRTUAL ? ThreadKind.VIRTUAL : ThreadKind.PLATFORM);
    }
}
