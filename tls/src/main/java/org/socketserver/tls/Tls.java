package org.socketserver.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.Layer;

/**
 * TLS 1.2 and 1.3 for any stream transport, with the TLS of the JDK.
 *
 * <pre>{@code
 * Tls tls = Tls.of(Path.of("server.pem"), Path.of("server.key"))
 *         .clients(Tls.Clients.REQUIRED, Path.of("clients-ca.pem"))
 *         .alpn("chat/1")
 *         .sni("b.example", Path.of("b.pem"), Path.of("b.key"))
 *         .reloadEvery(Duration.ofMinutes(1));
 * server.layer(tls);
 * }</pre>
 *
 * <p><b>Threads.</b> Immutable: each method for an option returns a new layer. One layer can be used by several servers
 * and all threads. The handshake runs on the thread that calls {@link #over}.
 *
 * <p><b>Files</b> are in PEM, as certbot and openssl write them, with at most 1 MiB each. A certificate file
 * has the server's certificate first and then its issuers (certbot's {@code fullchain.pem}). A key is RSA, EC or EdDSA,
 * in PKCS#8, PKCS#1 or SEC 1; encrypted keys are PKCS#8 with PBES2. Methods with file parameters read all files
 * immediately. They throw an {@link IOException} that names the file, the problem and a solution, for example if a key
 * does not match its certificate. A certificate that expires within 14 days is logged as a warning once a day.
 *
 * <p><b>Handshakes.</b> Clients can resume sessions (RFC 8446, section 2.2; RFC 5077). Cipher suites have forward
 * secrecy, and the server chooses. Renegotiation is not supported: a client that requests it is disconnected.
 *
 * <p><b>End of a connection.</b> When the server ends its output, it sends close_notify. After the client's
 * close_notify, reads return the end of the input. If the connection ends without it, reads throw, because an attacker
 * may have truncated the data (RFC 8446, section 6.1). With TLS 1.3, each side can continue to send after the other has
 * sent close_notify. With TLS 1.2, nothing can be written after the client's close_notify (RFC 5246, section 7.2.1).
 *
 * <p>The attribute {@link TlsPeer} has the protocol, the names and the client's certificates.
 */
public final class Tls implements Layer {
    /** Whether the server requests certificates from clients. */
    public enum Clients {
        /** Certificates are not requested. The default. */
        NONE,
        /**
         * Certificates are requested. A client without a certificate is accepted. The handshake fails if the client's
         * certificate is not valid or not issued by one of the authorities.
         */
        OPTIONAL,
        /** Certificates are requested. The handshake fails without a valid one issued by one of the authorities. */
        REQUIRED
    }

    private static final int MAX_PROTOCOL = 255;
    private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");
    /** Prefixes of the cipher suites of TLS 1.3, and of those of TLS 1.2 that have forward secrecy. */
    private static final List<String> SUITES = List.of("TLS_AES_", "TLS_CHACHA20_", "TLS_ECDHE_");

    /** The user's context; null if there are files. */
    private final @Nullable SSLContext own;

    /** Null if there is a context. */
    private final @Nullable CertificateFiles files;

    private final Clients clients;
    private final List<String> alpn;
    private final Duration reload;

    private Tls(
            @Nullable SSLContext own,
            @Nullable CertificateFiles files,
            Clients clients,
            List<String> alpn,
            Duration reload) {
        this.own = own;
        this.files = files;
        this.clients = clients;
        this.alpn = alpn;
        this.reload = reload;
    }

    /**
     * Creates a layer with a certificate and its key.
     *
     * @param certificate file of the certificate and its issuers
     * @param key file of the key; may be the same file
     * @return the layer
     * @throws IOException if a file can't be read or is not valid, the key is encrypted, or the two do not match
     */
    public static Tls of(Path certificate, Path key) throws IOException {
        return of(new CertificateFiles(List.of(source("", certificate, key, null)), null, InstantSource.system()));
    }

    /**
     * Creates a layer with a certificate and its encrypted key.
     *
     * @param certificate file of the certificate and its issuers
     * @param key file of the key; may be the same file
     * @param password the password of the key; copied, and kept in memory to reload the key. Ignored if the key is not
     *     encrypted.
     * @return the layer
     * @throws IOException if a file can't be read or is not valid, the password is wrong, or the two do not match
     */
    public static Tls of(Path certificate, Path key, char[] password) throws IOException {
        return of(new CertificateFiles(
                List.of(source("", certificate, key, password.clone())), null, InstantSource.system()));
    }

    static Tls of(CertificateFiles files) {
        return new Tls(null, files, Clients.NONE, List.of(), Duration.ZERO);
    }

    /**
     * Creates a layer with an existing context, which has the keys and decides which client certificates are valid. Of
     * its protocols, only TLS 1.2 and 1.3 are used. Its cipher suites are used unchanged.
     *
     * @param context an initialized context
     * @return the layer; {@link #sni}, {@link #reloadEvery}, {@link #reload} and {@link #clients(Clients, Path)} throw
     *     an {@link IllegalStateException}
     * @throws IllegalArgumentException if the context has neither TLS 1.2 nor 1.3
     */
    public static Tls of(SSLContext context) {
        String[] protocols = context.getDefaultSSLParameters().getProtocols();
        if (Stream.of(protocols).noneMatch(VERSIONS::contains)) {
            throw new IllegalArgumentException(
                    "the context has the protocols " + List.of(protocols) + "; it must have one of " + VERSIONS);
        }
        return new Tls(context, null, Clients.NONE, List.of(), Duration.ZERO);
    }

    private static CertificateFiles.Source source(
            String serverName, Path certificate, Path key, char @Nullable [] password) {
        Objects.requireNonNull(certificate, "certificate");
        Objects.requireNonNull(key, "key");
        return new CertificateFiles.Source(serverName, certificate, key, password);
    }

    private CertificateFiles files() {
        if (files == null) {
            throw new IllegalStateException("this layer has an SSLContext instead of files");
        }
        return files;
    }

    /**
     * Sets whether client certificates are requested, and which authorities issue them.
     *
     * <p>A client's certificate is verified in a full handshake. It is not verified again when the session is resumed,
     * even if it has expired since then. The JDK's sessions last 24 hours by default, and with TLS 1.3 each resumption
     * extends them. A reload that finds changed files ends all sessions.
     *
     * @param clients {@link Clients#NONE} by default
     * @param authorities file of one or more certificates; one of them must be an issuer of the client's certificate
     * @return a new layer
     * @throws IOException if a file can't be read or is not valid
     * @throws IllegalStateException if this layer has an {@link SSLContext}
     */
    public Tls clients(Clients clients, Path authorities) throws IOException {
        Objects.requireNonNull(clients, "clients");
        Objects.requireNonNull(authorities, "authorities");
        return new Tls(own, files().withAuthorities(authorities), clients, alpn, reload);
    }

    /**
     * Sets whether client certificates are requested. They are verified by the layer's {@link SSLContext}, or with the
     * authorities that were set before.
     *
     * @param clients {@link Clients#NONE} by default
     * @return a new layer
     * @throws IllegalStateException if certificates are requested, but this layer has files and no authorities
     */
    public Tls clients(Clients clients) {
        if (clients != Clients.NONE && files != null && !files.hasAuthorities()) {
            throw new IllegalStateException("client certificates need the file of their authorities");
        }
        return new Tls(own, files, clients, alpn, reload);
    }

    /**
     * Sets the application protocols (ALPN, RFC 7301). The first of them that the client offers is chosen. The
     * handshake fails if the client offers only other protocols. A client without ALPN is accepted.
     *
     * @param protocols names of 1 to 255 bytes in Latin-1, for example {@code chat/1}, in order of preference; none,
     *     the default, ignores the protocols that clients offer
     * @return a new layer
     * @throws IllegalArgumentException if a name is empty, too long or not Latin-1
     */
    public Tls alpn(String... protocols) {
        for (String name : protocols) {
            if (name.isEmpty()
                    || name.length() > MAX_PROTOCOL
                    || !StandardCharsets.ISO_8859_1.newEncoder().canEncode(name)) {
                throw new IllegalArgumentException(
                        "the application protocol is \"" + name + "\"; it must have 1 to 255 bytes in Latin-1");
            }
        }
        return new Tls(own, files, clients, List.of(protocols), reload);
    }

    /**
     * Adds a certificate for a server name (RFC 6066, section 3). For clients that request another name or none, the
     * certificate of {@code of} is used. A name can have several certificates with different key types. If several
     * certificates of a name have the same key type, the first is used.
     *
     * @param serverName a host name such as {@code b.example}, or {@code *.b.example} for all names with one more
     *     label; an exact name takes precedence
     * @param certificate file of the certificate and its issuers
     * @param key file of the key; may be the same file
     * @return a new layer
     * @throws IOException if a file can't be read or is not valid, or the two do not match
     * @throws IllegalArgumentException if the name is not a host name
     * @throws IllegalStateException if this layer has an {@link SSLContext}
     */
    public Tls sni(String serverName, Path certificate, Path key) throws IOException {
        return with(source(normalized(serverName), certificate, key, null));
    }

    /**
     * Adds a certificate with an encrypted key for a server name: see {@link #sni(String, Path, Path)}.
     *
     * @param serverName a host name, or {@code *.} and a domain
     * @param certificate file of the certificate and its issuers
     * @param key file of the key; may be the same file
     * @param password the password of the key; see {@link #of(Path, Path, char[])}
     * @return a new layer
     * @throws IOException if a file can't be read or is not valid, the password is wrong, or the two do not match
     * @throws IllegalArgumentException if the name is not a host name
     * @throws IllegalStateException if this layer has an {@link SSLContext}
     */
    public Tls sni(String serverName, Path certificate, Path key, char[] password) throws IOException {
        return with(source(normalized(serverName), certificate, key, password.clone()));
    }

    private Tls with(CertificateFiles.Source source) throws IOException {
        return new Tls(own, files().with(source), clients, alpn, reload);
    }

    private static String normalized(String serverName) {
        String prefix = serverName.startsWith("*.") ? "*." : "";
        try {
            SNIHostName host = new SNIHostName(serverName.substring(prefix.length()));
            return prefix + host.getAsciiName().toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException invalid) {
            throw new IllegalArgumentException(
                    "the server name is \"" + serverName + "\"; it must be a host name, or *. and a domain", invalid);
        }
    }

    /**
     * Sets how often the files are read again. The first handshake after this period reads them, on its own thread. If
     * a file has changed, new handshakes use the new files, and existing connections continue. If a file can't be read
     * or is not valid, all the old files stay in use, and a warning is logged once.
     *
     * <p>Sessions from before a change are not resumed. Layers that were created from this one by {@link #alpn}, {@link
     * #clients(Clients)} or this method share its files.
     *
     * @param period at least 1 ms; zero, the default, never reads the files again
     * @return a new layer
     * @throws IllegalArgumentException if the period is negative, or between zero and 1 ms
     * @throws IllegalStateException if this layer has an {@link SSLContext}
     */
    public Tls reloadEvery(Duration period) {
        if (!period.isZero() && period.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("the reload period is " + period + "; it must be zero, or 1 ms or more");
        }
        return new Tls(own, files(), clients, alpn, period);
    }

    /**
     * Reads the files again immediately, for example after SIGHUP. If this fails, the old files stay in use.
     *
     * @throws IOException if a file can't be read or is not valid
     * @throws IllegalStateException if this layer has an {@link SSLContext}
     */
    public void reload() throws IOException {
        files().reload();
    }

    /** Returns true if client certificates are requested. */
    @Override
    public boolean identifiesClient() {
        return clients != Clients.NONE;
    }

    /**
     * Performs the handshake. It has no time-out of its own: {@link Layer} describes the server's deadline.
     *
     * @param below the connection below; owned by the returned connection
     * @return the connection for the handler, which encrypts and decrypts
     * @throws IOException if the client does not use TLS, the handshake fails (the message has the reason, and an alert
     *     is sent to the client), or the connection is lost or closed
     */
    @Override
    public Connection over(Connection below) throws IOException {
        RequestedName name = new RequestedName();
        return new TlsConnection(below, engine(name), name);
    }

    private SSLEngine engine(RequestedName name) {
        SSLContext context = own != null ? own : files().context(reload);
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(
                Stream.of(parameters.getProtocols()).filter(VERSIONS::contains).toArray(String[]::new));
        if (own == null) {
            parameters.setCipherSuites(Stream.of(parameters.getCipherSuites())
                    .filter(suite -> SUITES.stream().anyMatch(suite::startsWith))
                    .toArray(String[]::new));
        }
        parameters.setUseCipherSuitesOrder(true);
        parameters.setSNIMatchers(List.of(name));
        parameters.setApplicationProtocols(alpn.toArray(String[]::new));
        switch (clients) {
            case NONE -> {}
            case OPTIONAL -> parameters.setWantClientAuth(true);
            case REQUIRED -> parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        return engine;
    }
}
