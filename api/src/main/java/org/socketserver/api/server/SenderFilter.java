package org.socketserver.api.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.socketserver.api.Network;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.spi.DescriptorLock;

/**
 * Decides which senders of datagrams a server can answer: not port 0, to which nothing can be sent (RFC 768), and not
 * the server itself, for which the reply would be the next request.
 *
 * <p>Runs on the accept loop for each packet. An ordinary packet needs two comparisons of ports; addresses are compared
 * only if the ports are equal.
 */
final class SenderFilter {
    private static final int NO_PORT = 0;
    private static final int ALL_BITS = 128;

    private final SocketAddress bound;
    private final int port;
    private final LocalAddresses local = new LocalAddresses();

    SenderFilter(SocketAddress bound) {
        this.bound = bound;
        port = isInternet(bound) ? ((InetSocketAddress) bound).getPort() : NO_PORT;
    }

    /** Only for the JDK's own class: addresses of junixsocket extend it, and their ports have no meaning. */
    private static boolean isInternet(SocketAddress address) {
        return address.getClass() == InetSocketAddress.class && !((InetSocketAddress) address).isUnresolved();
    }

    boolean canAnswer(SocketAddress sender) {
        if (!isInternet(sender)) {
            return !sender.equals(bound);
        }
        InetSocketAddress peer = (InetSocketAddress) sender;
        return peer.getPort() != NO_PORT && (peer.getPort() != port || !isOwn(peer.getAddress()));
    }

    private boolean isOwn(InetAddress address) {
        InetAddress own = ((InetSocketAddress) bound).getAddress();
        return own.isAnyLocalAddress()
                ? local.contains(address)
                : Network.around(own, ALL_BITS).contains(address);
    }

    /**
     * The IP addresses of this host. They may change at any time. They are read from the system at most once a second,
     * because that takes hundreds of microseconds. IPv4-mapped addresses are IPv4, and the zone of an address does not
     * count.
     *
     * <p>Not safe for use by several threads.
     */
    static final class LocalAddresses {
        private static final long LIFETIME = TimeUnit.SECONDS.toNanos(1);

        /** Local on every host: loopback, and the wildcard addresses, for which Linux uses loopback. */
        private static final List<Network> ALWAYS = Stream.of("127.0.0.0/8", "::1", "0.0.0.0", "::")
                .map(Network::parse)
                .toList();

        /** Reads the addresses of this host. */
        interface Source {
            Stream<InetAddress> read() throws IOException;
        }

        private final Source source;
        private final LongSupplier nanoTime;
        private Set<Network> known = Set.of();
        private long readAt;

        LocalAddresses() {
            this(
                    () -> DescriptorLock.shared(NetworkInterface::networkInterfaces)
                            .flatMap(NetworkInterface::inetAddresses),
                    System::nanoTime);
        }

        LocalAddresses(Source source, LongSupplier nanoTime) {
            this.source = source;
            this.nanoTime = nanoTime;
            readAt = nanoTime.getAsLong() - LIFETIME;
        }

        boolean contains(InetAddress address) {
            if (ALWAYS.stream().anyMatch(network -> network.contains(address))) {
                return true;
            }
            long now = nanoTime.getAsLong();
            if (now - readAt >= LIFETIME) {
                readAt = now;
                read();
            }
            return known.contains(Network.around(address, ALL_BITS));
        }

        private void read() {
            try (Stream<InetAddress> addresses = source.read()) {
                known = addresses
                        .map(address -> Network.around(address, ALL_BITS))
                        .collect(Collectors.toUnmodifiableSet());
            } catch (IOException failure) {
                // For example without a free descriptor. Keep the last known addresses.
                EventLog.PROCESS.log(
                        Level.DEBUG,
                        "local addresses",
                        () -> "can't read the addresses of this host: " + failure.getMessage());
            }
        }
    }
}
