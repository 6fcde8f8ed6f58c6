package org.socketserver.tests;

import java.util.Arrays;
import java.util.stream.Stream;

/** A transport with a way to run requests: what the contract suite runs under. */
record Setup(Transport transport, Concurrency concurrency) {
    static Stream<Setup> all() {
        return Arrays.stream(Transport.values())
                .filter(Transport::isAvailable)
                .flatMap(transport -> Arrays.stream(Concurrency.values())
                        .filter(Concurrency::isAvailable)
                        .map(concurrency -> new Setup(transport, concurrency)));
    }

    static Stream<Setup> some() {
        return Stream.of(
                new Setup(Transport.TCP, Concurrency.SYNCHRONOUS), new Setup(Transport.UDP, Concurrency.PLATFORM));
    }

    static Stream<Setup> someStreams() {
        return streams()
                .filter(setup -> setup.transport() == Transport.UNIX_ABSTRACT
                        ? setup.concurrency() == Concurrency.VIRTUAL
                        : setup.concurrency() == Concurrency.PLATFORM);
    }

    static Stream<Setup> streams() {
        return all().filter(setup -> setup.transport().isStream());
    }

    /** Streams over channels of the JDK: TCP and socket files. */
    static Stream<Setup> jdkStreams() {
        return streams().filter(setup -> setup.transport() != Transport.UNIX_ABSTRACT);
    }

    static Stream<Setup> threadedJdkStreams() {
        return jdkStreams().filter(setup -> setup.concurrency().isThreaded());
    }

    static Stream<Setup> datagrams() {
        return all().filter(setup -> !setup.transport().isStream());
    }

    static Stream<Setup> threaded() {
        return all().filter(setup -> setup.concurrency().isThreaded());
    }

    static Stream<Setup> threadedStreams() {
        return threaded().filter(setup -> setup.transport().isStream());
    }

    boolean isStream() {
        return transport.isStream();
    }

    boolean isThreaded() {
        return concurrency.isThreaded();
    }

    @Override
    public String toString() {
        return transport + " " + concurrency;
    }
}
