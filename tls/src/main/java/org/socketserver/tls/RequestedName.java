package org.socketserver.tls;

import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.StandardConstants;

/**
 * Accepts and remembers the server name of one handshake.
 *
 * <p>The names in the session are those of its first handshake, even if it is resumed with another name. In TLS 1.2,
 * the JDK does not resume it then, but only if there is a matcher (RFC 6066, section 3).
 */
final class RequestedName extends SNIMatcher {
    private Optional<String> host = Optional.empty();

    RequestedName() {
        super(StandardConstants.SNI_HOST_NAME);
    }

    @Override
    public boolean matches(SNIServerName name) {
        host = Optional.of(new SNIHostName(name.getEncoded()).getAsciiName().toLowerCase(Locale.ROOT));
        return true;
    }

    /** Returns the name after the handshake. */
    Optional<String> host() {
        return host;
    }

    /**
     * Returns the name of a handshake in progress; empty if there is none.
     *
     * <p>The JDK 25 asks for a certificate even before it knows the name, to compare it with that of a ticket. Another
     * one only means a full handshake.
     */
    static String of(SSLEngine engine) {
        return engine.getSSLParameters().getSNIMatchers().stream()
                .map(matcher -> ((RequestedName) matcher).host.orElse(""))
                .findFirst()
                .orElse("");
    }
}
