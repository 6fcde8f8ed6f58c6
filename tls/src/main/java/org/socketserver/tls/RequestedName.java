package org.socketserver.tls;

import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.StandardConstants;

/**
 * Accepts and stores the server name of one handshake.
 *
 * <p>A session has the names of its first handshake, even if it is resumed with another name. With a matcher, the JDK
 * does not resume such sessions in TLS 1.2 (RFC 6066, section 3).
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

    /** Returns the name; to be called after the handshake. */
    Optional<String> host() {
        return host;
    }

    /**
     * Returns the name of a handshake in progress; empty if there is none.
     *
     * <p>JDK 25 requests a certificate before it has read the name, to compare it with the certificate of a session
     * ticket. If they differ, it performs a full handshake.
     */
    static String of(SSLEngine engine) {
        return engine.getSSLParameters().getSNIMatchers().stream()
                .map(matcher -> ((RequestedName) matcher).host.orElse(""))
                .findFirst()
                .orElse("");
    }
}
