package org.socketserver.tls;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The {@link SSLContext} of certificates and keys in files, which are read again when they change.
 *
 * <p>No thread watches the files: the first handshake after the period reads them, while others use the old context.
 * Changed files need a new context, so sessions of the old context are not resumed. This is intended, because a client
 * authority may have changed.
 */
final class CertificateFiles {
    /** Files of one certificate. */
    record Source(String serverName, Path certificate, Path key, char @Nullable [] password) {}

    /** The files of the last successful read, and what was made of them. */
    private record Loaded(Map<Path, Pem> files, List<Identity> identities, SSLContext context) {}

    private final List<Source> sources;
    private final @Nullable Path authorities;
    private final ExpiryLog expiryLog;
    private final AtomicLong checked = new AtomicLong(System.nanoTime());
    private final AtomicReference<Instant> expiryCheck = new AtomicReference<>(Instant.MIN);
    private volatile Loaded loaded;
    /** The last logged failure, to log it only once; null if the last reload succeeded. Guarded by this. */
    private @Nullable String logged;

    /**
     * Reads the files.
     *
     * @param authorities the file of the authorities that issue client certificates; null if none are accepted
     */
    CertificateFiles(List<Source> sources, @Nullable Path authorities, InstantSource clock) throws IOException {
        this(sources, authorities, new ExpiryLog(clock));
    }

    private CertificateFiles(List<Source> sources, @Nullable Path authorities, ExpiryLog expiryLog) throws IOException {
        this.sources = List.copyOf(sources);
        this.authorities = authorities;
        this.expiryLog = expiryLog;
        loaded = load(read());
        logExpiry();
    }

    CertificateFiles with(Source source) throws IOException {
        List<Source> more = new ArrayList<>(sources);
        more.add(source);
        return new CertificateFiles(more, authorities, expiryLog);
    }

    CertificateFiles withAuthorities(Path file) throws IOException {
        return new CertificateFiles(sources, file, expiryLog);
    }

    boolean hasAuthorities() {
        return authorities != null;
    }

    /**
     * Returns the context for a new handshake.
     *
     * @param period the minimum time between two reads of the files; zero never reads them again
     */
    SSLContext context(Duration period) {
        long last = checked.get();
        long now = System.nanoTime();
        if (!period.isZero()
                && Duration.ofNanos(now - last).compareTo(period) >= 0
                && checked.compareAndSet(last, now)) {
            reloadOrKeep();
        }
        logExpiry();
        return loaded.context();
    }

    private synchronized void reloadOrKeep() {
        try {
            reload();
        } catch (IOException | RuntimeException failure) {
            // A RuntimeException is a defect, for example of a security provider: its type is part of the message.
            String message = failure instanceof IOException ? String.valueOf(failure.getMessage()) : failure.toString();
            if (!message.equals(logged)) {
                System.getLogger("org.socketserver")
                        .log(Level.WARNING, "certificates not reloaded, the old ones stay in use: " + message);
                logged = message;
            }
        }
    }

    /** Reads the files, and replaces the context if they have changed. If this fails, the old context stays in use. */
    synchronized void reload() throws IOException {
        Map<Path, Pem> files = read();
        if (!files.equals(loaded.files())) {
            loaded = load(files);
            expiryCheck.set(Instant.MIN);
        }
        logged = null;
    }

    private Map<Path, Pem> read() throws IOException {
        Map<Path, Pem> files = new LinkedHashMap<>();
        for (Source source : sources) {
            files.put(source.certificate(), Pem.read(source.certificate()));
            files.put(source.key(), Pem.read(source.key()));
        }
        if (authorities != null) {
            files.put(authorities, Pem.read(authorities));
        }
        return files;
    }

    private Loaded load(Map<Path, Pem> files) throws IOException {
        List<Identity> identities = new ArrayList<>();
        for (Source source : sources) {
            identities.add(Identity.of(
                    source.serverName(),
                    file(files, source.certificate()),
                    file(files, source.key()),
                    source.password()));
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            // Empty without client authorities, because null would mean the JDK's authorities.
            TrustManager[] trust = authorities == null ? new TrustManager[0] : trust(file(files, authorities));
            context.init(new KeyManager[] {new ServerNames(identities)}, trust, null);
            return new Loaded(files, identities, context);
        } catch (GeneralSecurityException unsupported) {
            throw new IOException("this JDK does not support TLS: " + unsupported.getMessage(), unsupported);
        }
    }

    private static Pem file(Map<Path, Pem> files, Path path) {
        return Objects.requireNonNull(files.get(path));
    }

    private static TrustManager[] trust(Pem authorities) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        for (X509Certificate authority : authorities.certificates()) {
            trusted.setCertificateEntry(Integer.toString(trusted.size()), authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory.getTrustManagers();
    }

    /** Checks for certificates that expire soon, once a day and after a change of the files. */
    private void logExpiry() {
        Instant now = expiryLog.now();
        Instant due = expiryCheck.get();
        if (!now.isBefore(due) && expiryCheck.compareAndSet(due, now.plus(ExpiryLog.PERIOD))) {
            expiryLog.check(loaded.identities());
        }
    }
}
