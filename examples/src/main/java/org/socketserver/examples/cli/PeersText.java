package org.socketserver.examples.cli;

import java.io.UncheckedIOException;
import org.socketserver.api.Network;
import org.socketserver.api.PeerRule;
import org.socketserver.examples.servers.Transport;
import org.socketserver.unix.UnixPeers;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads who is meant: a network, {@code user:NAME} or {@code group:NAME}. */
final class PeersText implements ITypeConverter<PeersText.Peers> {
    private static final String USER = "user:";
    private static final String GROUP = "group:";

    /** Some peers, as they were written. */
    record Peers(String text, PeerRule rule) {
        /** Tells whether a transport has such peers; on another one the rule would match nobody, in silence. */
        boolean isOn(Transport transport) {
            return rule instanceof Network ? !transport.isUnix() : transport == Transport.UNIX;
        }

        /** Says which transports have such peers. */
        String where() {
            return rule instanceof Network ? "tcp and udp" : "unix";
        }
    }

    @Override
    public Peers convert(String text) {
        try {
            if (text.startsWith(USER)) {
                return new Peers(text, UnixPeers.user(text.substring(USER.length())));
            }
            if (text.startsWith(GROUP)) {
                return new Peers(text, UnixPeers.group(text.substring(GROUP.length())));
            }
            return new Peers(text, Network.parse(text));
        } catch (IllegalArgumentException | UncheckedIOException refused) {
            throw new TypeConversionException(refused.getMessage());
        }
    }
}
