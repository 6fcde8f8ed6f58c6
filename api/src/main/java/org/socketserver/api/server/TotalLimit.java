package org.socketserver.api.server;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bound on the requests that several servers run at the same time. Each server asks for room before it accepts; two
 * that ask at the same moment can both get the last place.
 */
final class TotalLimit {
    private final int limit;
    private final List<? extends BaseServer<?>> servers;
    private final AtomicInteger running = new AtomicInteger();
    /** True while a server waits for room. */
    private volatile boolean awaited;

    TotalLimit(int limit, List<? extends BaseServer<?>> servers) {
        this.limit = limit;
        this.servers = servers;
    }

    boolean hasRoom() {
        if (running.get() < limit) {
            return true;
        }
        // Set before the second check, so that a request that ends in between is either seen or wakes the servers.
        awaited = true;
        return running.get() < limit;
    }

    void enter() {
        running.incrementAndGet();
    }

    void leave() {
        running.decrementAndGet();
        if (awaited) {
            awaited = false;
            servers.forEach(BaseServer::wakeup);
        }
    }
}
