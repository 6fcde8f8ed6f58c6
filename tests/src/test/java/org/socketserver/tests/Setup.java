package org.socketserver.tests;

import java.util.Arrays;
import java.util.stream.Stream;

/**
 * A transport with a way to run requests: what the contract suite runs under.
 *
 * <p>{@link #everyWay()} has all there are; the others, unless their names say so, only those whose handlers run in this
 * process, where they can share objects with a test.
 */
record Setup(Transport transport, Concurrency concurrency) {
    static Stream<Setup> everyWay() {
        return Arrays.stream(Transport.values())
                .filter(Transport::isAvailable)
                .flatMap(transport -> Arrays.stream(Concurrency.values())
                        .filter(Concurrency::isAvailable)
                        .filter(concurrency -> concurrency.hasMeaningFor(transport))
                        .map(concurrency -> new Setup(transport, concurrency)));
    }

    static Stream<Setup> everyStreamWay() {
        return everyWay().filter(Setup::isStream);
    }

    static Stream<Setup> everyDatagramWay() {
        return everyWay().filter(setup -> !setup.isStream());
    }

    static Stream<Setup> everyConcurrentWay() {
        return everyWay().filter(Setup::isConcurrent);
    }

    static Stream<Setup> everyConcurrentStreamWay() {
        return everyConcurrentWay().filter(Setup::isStream);
    }

    static Stream<Setup> inProcess() {
        return everyWay().filter(setup -> !setup.isForking());
    }

    static Stream<Setup> forking() {
        return everyWay().filter(Setup::isForking);
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
        return inProcess().filter(Setup::isStream);
    }

    /** Streams over channels of the JDK: TCP and socket files. */
    static Stream<Setup> jdkStreams() {
        return streams().filter(setup -> setup.transport() != Transport.UNIX_ABSTRACT);
    }

    static Stream<Setup> threadedJdkStreams() {
        return jdkStreams().filter(Setup::isThreaded);
    }

    static Stream<Setup> datagrams() {
        return inProcess().filter(setup -> !setup.isStream());
    }

    static Stream<Setup> threaded() {
        return inProcess().filter(Setup::isThreaded);
    }

    static Stream<Setup> threadedStreams() {
        return threaded().filter(Setup::isStream);
    }

    boolean isStream() {
        return transport.isStream();
    }

    boolean isThreaded() {
        return concurrency.isThreaded();
    }

    boolean isForking() {
        return concurrency.isForking();
    }

    boolean isConcurrent() {
        return concurrency.isConcurrent();
    }

    @Override
    public String toString() {
        return transport + " " + concurrency;
    }
}
