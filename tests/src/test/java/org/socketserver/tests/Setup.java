package org.socketserver.tests;

import java.util.Arrays;
import java.util.stream.Stream;

/**
 * A transport and a kind of concurrency: the parameters of the contract tests.
 *
 * <p>A transport never knows a mix-in, so the ordinary build runs pairs: every mix-in over TCP and UDP, every other
 * transport with the default threads, and worker processes over TCP. Tests of connections use workers that receive
 * descriptors. All others use relaying workers, which start faster. With {@code -Pexhaustive}, every mix-in runs over
 * every transport, and over TLS.
 *
 * <p>{@link #everyWay()} includes worker processes. Unless their names say otherwise, the other methods return only
 * setups whose handlers run in this process, where they can share objects with a test.
 */
record Setup(Transport transport, Concurrency concurrency) {
    /** Whether the build runs with {@code -Pexhaustive}. */
    static final boolean EXHAUSTIVE = Boolean.getBoolean("socketserver.exhaustive");

    static Stream<Setup> everyWay() {
        return everyWay(Concurrency.FORKING_RELAY);
    }

    private static Stream<Setup> everyWay(Concurrency ordinaryForking) {
        return Arrays.stream(Transport.values())
                .filter(Transport::isAvailable)
                .flatMap(transport -> Arrays.stream(Concurrency.values())
                        .filter(Concurrency::isAvailable)
                        .filter(concurrency -> concurrency.hasMeaningFor(transport))
                        .map(concurrency -> new Setup(transport, concurrency)))
                .filter(setup -> EXHAUSTIVE || setup.isOrdinary(ordinaryForking));
    }

    private boolean isOrdinary(Concurrency ordinaryForking) {
        if (isForking()) {
            return transport == Transport.TCP && concurrency == ordinaryForking;
        }
        boolean everyThread = transport == Transport.TCP || transport == Transport.UDP;
        return everyThread || (concurrency == Concurrency.defaultThreads() && !transport.isTls());
    }

    static Stream<Setup> everyStreamWay() {
        return everyWay(Concurrency.FORKING_DESCRIPTOR).filter(Setup::isStream);
    }

    /** {@link #everyWay()}, with both kinds of hand-over to a worker. */
    static Stream<Setup> everyHandOver() {
        return Stream.concat(everyWay(), everyStreamWay()).distinct();
    }

    static Stream<Setup> everyDatagramWay() {
        return everyWay().filter(setup -> !setup.isStream());
    }

    static Stream<Setup> everyConcurrentWay() {
        return everyWay().filter(Setup::isConcurrent);
    }

    static Stream<Setup> everyConcurrentStreamWay() {
        return everyStreamWay().filter(Setup::isConcurrent);
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
        return Stream.of(
                        new Setup(Transport.TCP, Concurrency.PLATFORM),
                        new Setup(Transport.UNIX, Concurrency.PLATFORM),
                        new Setup(Transport.UNIX_ABSTRACT, Concurrency.defaultThreads()))
                .filter(setup -> setup.transport().isAvailable());
    }

    static Stream<Setup> streams() {
        return inProcess().filter(Setup::isStream);
    }

    /** Stream transports that use the JDK's channels: TCP and socket files. */
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
