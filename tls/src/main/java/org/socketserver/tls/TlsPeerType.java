package org.socketserver.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.socketserver.api.spi.PortableType;

/**
 * Carries a {@link TlsPeer} to another process; found by {@link java.util.ServiceLoader}.
 *
 * <p>The encoding is protocol, cipher suite, ALPN and SNI in the form of {@link DataOutputStream#writeUTF}, the last
 * two empty if absent, then each certificate in DER after its length in four bytes.
 */
public final class TlsPeerType implements PortableType<TlsPeer> {
    /** The bound of {@link PortableType#encode}. */
    private static final int MAX_BYTES = 65_535;

    /** For {@link java.util.ServiceLoader}. */
    public TlsPeerType() {}

    @Override
    public Class<TlsPeer> type() {
        return TlsPeer.class;
    }

    @Override
    public String name() {
        return "tls-peer";
    }

    /**
     * Encodes a peer.
     *
     * @param value the peer
     * @return at most 65,535 bytes
     * @throws IllegalArgumentException if it needs more. The JDK does not accept so many certificates: it limits
     *     handshake messages to 32 KiB unless {@code jdk.tls.maxHandshakeMessageSize} is set.
     */
    @Override
    public byte[] encode(TlsPeer value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(value.protocol());
            out.writeUTF(value.cipherSuite());
            out.writeUTF(value.alpn().orElse(""));
            out.writeUTF(value.sni().orElse(""));
            for (X509Certificate certificate : value.certificates()) {
                byte[] der = certificate.getEncoded();
                out.writeInt(der.length);
                out.write(der);
            }
        } catch (CertificateEncodingException invalid) {
            throw new IllegalArgumentException("a client certificate can't be encoded: " + invalid, invalid);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        if (bytes.size() > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a TLS peer has " + bytes.size() + " bytes; it must have at most " + MAX_BYTES);
        }
        return bytes.toByteArray();
    }

    @Override
    public TlsPeer decode(byte[] bytes) throws ProtocolException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            String protocol = in.readUTF();
            String cipherSuite = in.readUTF();
            Optional<String> alpn = Optional.of(in.readUTF()).filter(text -> !text.isEmpty());
            Optional<String> sni = Optional.of(in.readUTF()).filter(text -> !text.isEmpty());
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> certificates = new ArrayList<>();
            while (in.available() > 0) {
                int length = in.readInt();
                if (length < 1 || length > in.available()) {
                    throw new ProtocolException("a certificate has " + length + " bytes; it must have from 1 to the "
                            + in.available() + " that follow");
                }
                ByteArrayInputStream der = new ByteArrayInputStream(in.readNBytes(length));
                certificates.add((X509Certificate) factory.generateCertificate(der));
            }
            return new TlsPeer(protocol, cipherSuite, certificates, alpn, sni);
        } catch (ProtocolException invalid) {
            throw invalid;
        } catch (IOException | CertificateException invalid) {
            throw new ProtocolException("not a TLS peer: " + invalid);
        }
    }
}
