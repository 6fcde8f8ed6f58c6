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
 * <p><b>Files</b> are in PEM, as certbot and openssl write them, and have at most 1 MiB each. A file of a certificate
 * has the server's certificate first and then its issuers (certbot's {@code fullchain.pem}). A key is RSA, EC or EdDSA,
 * in PKCS#8, PKCS#1 or SEC 1; encrypted keys are PKCS#8 with PBES2. A method that gets files reads all of them at once,
 * and throws an {@link IOException} that names the file, the problem and what to do about it: for example if a key does
 * not match its certificate. A certificate that expires within 14 days is logged as a warning, once a day.
 *
 * <p><b>Handshakes.</b> Clients can resume sessions (RFC 8446, section 2.2; RFC 5077). Cipher suites have forward
 * secrecy, and the server chooses. There is no renegotiation: a client that demands one is disconnected.
 *
 * <p><b>Ends of a connection.</b> When the server ends its output, the client gets close_notify. A client that ends its
 * own gives a clean end of input; if the connection ends without its close_notify, reads throw, because an attacker may
 * have cut off the last bytes (RFC 8446, section 6.1). With TLS 1.3, either side can go on sending after the other has
 * ended. With TLS 1.2, nothing can be written after the client's close_notify (RFC 5246, section 7.2.1).
 *
 * <p>Handlers find protocol, names and client certificates in the attribute {@link TlsPeer}.
 */
public final class Tls implements Layer {
    /** Whether clients send certificates. */
    public enum Clients {
        /** They are not requested: the default. */
        NONE,
        /**
         * They are requested. A client without a certificate is accepted; the handshake fails if it sends one that is
         * not valid or not issued by one of the authorities.
         */
        OPTIONAL,
        /** The handshake fails without a valid certificate issued by one of the authorities. */
        REQUIRED
    }

    private static final int MAX_PROTOCOL = 255;
    private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");
    /** Those of TLS 1.3, and those of TLS 1.2 with forward secrecy. */
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
     * Creates a layer with an existing context, which has the keys and decides which client certificates are valid.
     * Only its TLS 1.2 and 1.3 are used; the cipher suites are its own.
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
     * Sets whether clients send certificates, and who issues them.
     *
     * @param clients {@link Clients#NONE} by default
     * @param authorities file of one or more certificates; a client's certificate must lead to one of them
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
     * Sets whether clients send certificates, which the layer's {@link SSLContext} or the authorities set before decide
     * on.
     *
     * @param clients {@link Clients#NONE} by default
     * @return a new layer
     * @throws IllegalStateException if clients send certificates, but this layer has files and no authorities
     */
    public Tls clients(Clients clients) {
        if (clients != Clients.NONE && files != null && !files.hasAuthorities()) {
            throw new IllegalStateException("client certificates need the file of their authorities");
        }
        return new Tls(own, files, clients, alpn, reload);
    }

    /**
     * Sets the application protocols (RFC 7301). The first of them that the client offers is chosen; if it offers
     * others only, the handshake fails. A client without ALPN is accepted.
     *
     * @param protocols names of 1 to 255 bytes in Latin-1, for example {@code chat/1}, best first; none to ignore what
     *     clients offer, the default
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
     * Adds a certificate for a server name (RFC 6066, section 3). Clients that request another name or none get the
     * certificate of {@code of}. Several certificates for the same name can differ in the type of their key.
     *
     * @param serverName a host name such as {@code b.example}, or {@code *.b.example} for all names with one more
     *     label; an exact name wins
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
     * Sets how often the files are read again. The first handshake after this time does it, on its own thread. If a
     * file has changed, new handshakes use the new files, and running connections go on. If one can't be read or is not
     * valid, all the old ones stay in use, and a warning is logged once.
     *
     * <p>Sessions from before a change are not resumed. Layers that were created from this one by {@link #alpn}, {@link
     * #clients(Clients)} or this method share its files.
     *
     * @param period at least 1 ms; zero to read the files never again, the default
     * @return a new layer
     * @throws IllegalArgumentException if the time is negative, or between zero and 1 ms
     * @throws IllegalStateException if this layer has an {@link SSLContext}
     */
    public Tls reloadEvery(Duration period) {
        if (!period.isZero() && period.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("the reload period is " + period + "; it must be zero, or 1 ms or more");
        }
        return new Tls(own, files(), clients, alpn, period);
    }

    /**
     * Reads the files again now, for example after SIGHUP. If this fails, the old ones stay in use.
     *
     * @throws IOException if a file can't be read or is not valid
     * @throws IllegalStateException if this layer has an {@link SSLContext}
     */
    public void reload() throws IOException {
        files().reload();
    }

    /** Returns true if clients send certificates. */
    @Override
    public boolean identifiesClient() {
        return clients != Clients.NONE;
    }

    /**
     * Does the handshake. Waits for the client without a bound of its own: {@link Layer} describes the server's.
     *
     * @param below the connection below; owned by the returned connection
     * @return the connection whose bytes are encrypted below
     * @throws IOException if the client does not speak TLS, the handshake fails (the message has the reason, and the
     *     client gets an alert), or the connection is lost or closed
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
