package org.socketserver.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * The result of a handshake: the negotiated protocols, and the client's identity. An attribute of each request over
 * {@link Tls}, also in worker processes.
 *
 * <pre>{@code
 * TlsPeer peer = request().attribute(TlsPeer.class).orElseThrow();
 * writeLine("hello " + peer.name().orElse("stranger") + " on " + peer.protocol());
 * }</pre>
 *
 * @param protocol the version: {@code TLSv1.2} or {@code TLSv1.3}
 * @param cipherSuite the cipher suite, for example {@code TLS_AES_128_GCM_SHA256}
 * @param certificates the client's verified certificate, followed by the issuers' certificates that the client sent;
 *     empty if it sent none, or none was requested
 * @param alpn the application protocol (RFC 7301); empty if the client offered none or the server has none
 * @param sni the server name that the client requested (RFC 6066), in lower case; empty if it requested none
 */
public record TlsPeer(
        String protocol,
        String cipherSuite,
        List<X509Certificate> certificates,
        Optional<String> alpn,
        Optional<String> sni) {
    /**
     * Creates a peer.
     *
     * @param protocol the version
     * @param cipherSuite the cipher suite
     * @param certificates the client's certificates; copied
     * @param alpn the application protocol
     * @param sni the server name
     */
    public TlsPeer {
        certificates = List.copyOf(certificates);
    }

    /**
     * Returns the subject of the client's certificate, for example {@code CN=alice,O=Example}.
     *
     * @return the distinguished name in the form of RFC 2253; empty if the client sent no certificate
     */
    public Optional<String> name() {
        return certificates.stream()
                .findFirst()
                .map(certificate -> certificate.getSubjectX500Principal().getName());
    }
}
