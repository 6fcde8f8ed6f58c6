package org.socketserver.tests;

import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.MixIn;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.HandOver;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;

/** Where requests run: every way there is. */
enum Concurrency {
    SYNCHRONOUS,
    VIRTUAL,
    PLATFORM,
    /** In worker processes that get the descriptor of a connection; for packets the only way to fork. */
    FORKING_DESCRIPTOR,
    /** In worker processes to which this one carries the bytes of a connection. */
    FORKING_RELAY;

    boolean isAvailable() {
        return this != VIRTUAL || VirtualThreads.available();
    }

    /**
     * Returns whether this differs over the given transport from what it is over others. A relay does not depend on how a
     * stream was accepted, and packets always travel as bytes.
     */
    boolean hasMeaningFor(Transport transport) {
        return switch (this) {
            case FORKING_RELAY -> transport == Transport.TCP || transport == Transport.UNIX;
            case FORKING_DESCRIPTOR -> transport != Transport.UNIX_DATAGRAM_ABSTRACT;
            default -> true;
        };
    }

    /** Returns the kind of threads that {@link ThreadingMixIn} takes by default. */
    static Concurrency defaultThreads() {
        return VIRTUAL.isAvailable() ? VIRTUAL : PLATFORM;
    }

    boolean isThreaded() {
        return this == VIRTUAL || this == PLATFORM;
    }

    boolean isForking() {
        return this == FORKING_DESCRIPTOR || this == FORKING_RELAY;
    }

    /** Tells whether several requests can run at once. */
    boolean isConcurrent() {
        return this != SYNCHRONOUS;
    }

    void mixInto(BaseServer<?> server) {
        if (isConcurrent()) {
            server.mixIn(mixIn());
        }
    }

    /** As {@link #mixInto}, with a worker that has started when the server has: where its start must not take time. */
    void mixReadyInto(BaseServer<?> server) {
        if (isForking()) {
            server.mixIn(bounded(8, 1).mixIn());
        } else {
            mixInto(server);
        }
    }

    MixIn mixIn() {
        return isThreaded() ? threading() : isForking() ? bounded(8).mixIn() : MixIn.SYNCHRONOUS;
    }

    ThreadingMixIn threading() {
        return new ThreadingMixIn(this == VIRTUAL ? ThreadKind.VIRTUAL : ThreadKind.PLATFORM);
    }

    /** Returns the mix-in with a bound of that many requests at once. Workers start when a request needs one. */
    Bounded bounded(int requests) {
        return bounded(requests, 0);
    }

    private Bounded bounded(int requests, int minIdle) {
        if (isForking()) {
            ForkingMixIn forking = new ForkingMixIn()
                    .handOver(this == FORKING_RELAY ? HandOver.RELAY : HandOver.DESCRIPTOR)
                    .minIdle(minIdle)
                    .maxChildren(requests);
            return new Bounded(forking, forking::maxChildren, forking::active);
        }
        ThreadingMixIn threading = threading().maxConcurrent(requests);
        return new Bounded(threading, threading::maxConcurrent, threading::active);
    }
}
