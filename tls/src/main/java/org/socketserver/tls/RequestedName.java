package org.socketserver.tls;

import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.StandardConstants;

/**
 * Accepts and remembers the server name of one handshake.
 *
 * <p>The names in the session are those of its first handshake, even if it is resumed with another name. With a matcher,
 * the JDK does not resume it then, as RFC 6066, section 3, demands.
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
}
