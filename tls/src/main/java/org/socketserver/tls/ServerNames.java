package org.socketserver.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the certificate for the server name that the client has requested: an exact name first, then a wildcard, then
 * the default. If a name has several certificates, the handshake chooses the key type, and the first of this type is
 * used.
 *
 * <p>The alias of a certificate is its index.
 */
final class ServerNames extends X509ExtendedKeyManager {
    private final List<Identity> identities;

    /**
     * Creates a key manager.
     *
     * @param identities the certificates; at least one has no server name
     */
    ServerNames(List<Identity> identities) {
        this.identities = identities;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        return identities(RequestedName.of(engine)).stream()
                .filter(identity -> identity.key().getAlgorithm().equals(keyType))
                .findFirst()
                .map(identity -> Integer.toString(identities.indexOf(identity)))
                .orElse(null);
    }

    private List<Identity> identities(String host) {
        // A wildcard stands for one label (RFC 6125, 6.4.3).
        String wildcard = "*" + host.substring(Math.max(0, host.indexOf('.')));
        return Stream.of(host, wildcard, "")
                .map(name -> identities.stream()
                        .filter(identity -> identity.serverName().equals(name))
                        .toList())
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElseThrow();
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return identities.get(Integer.parseInt(alias)).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return identities.get(Integer.parseInt(alias)).key();
    }

    // The following methods are for clients and sockets, which a layer does not use.

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }
}
