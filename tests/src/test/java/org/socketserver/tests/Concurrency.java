package org.socketserver.tests;

import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.MixIn;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.HandOver;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;

/** Where requests run. */
enum Concurrency {
    SYNCHRONOUS,
    VIRTUAL,
    PLATFORM,
    /** In worker processes that receive the connection's descriptor. The only kind of forking for packets. */
    FORKING_DESCRIPTOR,
    /** In worker processes, with the connection's bytes relayed by the server's process. */
    FORKING_RELAY;

    boolean isAvailable() {
        return this != VIRTUAL || VirtualThreads.available();
    }

    /**
     * Returns whether this behaves differently over the given transport than over others. A relay does not depend on
     * how a stream was accepted, and packets always travel as bytes.
     */
    boolean hasMeaningFor(Transport transport) {
        return switch (this) {
            case FORKING_RELAY -> transport == Transport.TCP || transport == Transport.UNIX || transport.isTls();
            case FORKING_DESCRIPTOR -> transport != Transport.UNIX_DATAGRAM_ABSTRACT && !transport.isTls();
            default -> true;
        };
    }

    /** Returns the default kind of threads of {@link ThreadingMixIn}. */
    static Concurrency defaultThreads() {
        return VIRTUAL.isAvailable() ? VIRTUAL : PLATFORM;
    }

    boolean isThreaded() {
        return this == VIRTUAL || this == PLATFORM;
    }

    boolean isForking() {
        return this == FORKING_DESCRIPTOR || this == FORKING_RELAY;
    }

    /** Returns whether several requests can run at once. */
    boolean isConcurrent() {
        return this != SYNCHRONOUS;
    }

    void mixInto(BaseServer<?> server) {
        if (isConcurrent()) {
            server.mixIn(mixIn());
        }
    }

    /**
     * Like {@link #mixInto}, with one worker that starts together with the server, for tests in which its start must
     * not take time.
     */
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

    /** Returns the mix-in, limited to the given number of concurrent requests. Workers start on demand. */
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
