package org.socketserver.tests;

import org.socketserver.api.BaseServer;
import org.socketserver.api.MixIn;
import org.socketserver.api.VirtualThreads;
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

    /** Asks for all that starts processes, over every transport: hundreds of JVMs, which take many minutes. */
    static final String ALL_FORKING = "socketserver.forking.all";

    /**
     * Tells whether this is another thing over that transport than over its neighbours, and worth its time: unless {@value
     * #ALL_FORKING} is set, processes are tried over TCP and with descriptors alone. A relay takes no notice of how a stream was
     * accepted, and packets always travel as bytes, from whichever address; each setup with processes takes its time.
     */
    boolean hasMeaningFor(Transport transport) {
        if (isForking() && !Boolean.getBoolean(ALL_FORKING)) {
            return this == FORKING_DESCRIPTOR && transport == Transport.TCP;
        }
        return switch (this) {
            case FORKING_RELAY -> transport == Transport.TCP || transport == Transport.UNIX;
            case FORKING_DESCRIPTOR -> transport != Transport.UNIX_DATAGRAM_ABSTRACT;
            default -> true;
        };
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

    MixIn mixIn() {
        return isThreaded() ? threading() : isForking() ? bounded(8).mixIn() : MixIn.SYNCHRONOUS;
    }

    ThreadingMixIn threading() {
        return new ThreadingMixIn(this == VIRTUAL ? ThreadKind.VIRTUAL : ThreadKind.PLATFORM);
    }

    /** The mix-in with a bound to so many requests at once. */
    Bounded bounded(int requests) {
        if (isForking()) {
            ForkingMixIn forking = new ForkingMixIn()
                    .handOver(this == FORKING_RELAY ? HandOver.RELAY : HandOver.DESCRIPTOR)
                    .minIdle(1)
                    .maxChildren(requests);
            return new Bounded(forking, forking::maxChildren, forking::active);
        }
        ThreadingMixIn threading = threading().maxConcurrent(requests);
        return new Bounded(threading, threading::maxConcurrent, threading::active);
    }
}
