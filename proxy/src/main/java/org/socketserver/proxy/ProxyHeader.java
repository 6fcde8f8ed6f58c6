package org.socketserver.proxy;

import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.internal.AddressText;

/**
 * What a proxy has sent about a client, in version 1 or 2 of the PROXY protocol: an attribute of every connection of a
 * server with the layer {@link ProxyProtocol}, also in worker processes.
 *
 * <pre>{@code
 * Optional<String> host = request.attribute(ProxyHeader.class).flatMap(ProxyHeader::authority);
 * }</pre>
 *
 * <p>Version 1 has addresses only. Version 2 can have more, as type-length-value fields (TLVs), section 2.2. A header
 * is refused if a TLV does not end within it, if its checksum is wrong, or if it repeats a TLV that has a method of its
 * own. TLVs of other types can be repeated.
 *
 * <p><b>Text</b> of a TLV can contain every character except NUL, so escape it in logs. A value with NUL or that is not
 * UTF-8 is no text: its method returns empty, as in HAProxy. {@link #tlv} still returns its bytes.
 *
 * <p>Immutable; at most 4,112 bytes and the addresses. Two headers are equal if the proxy has sent the same bytes.
 */
public final class ProxyHeader {
    static final int ALPN = 0x01;
    static final int AUTHORITY = 0x02;
    static final int CRC32C = 0x03;
    static final int UNIQUE_ID = 0x05;
    static final int SSL = 0x20;
    static final int NETNS = 0x30;

    private static final int UNIX_ADDRESS = 108;

    /** Why the proxy has connected. */
    public enum Command {
        /** For a client. Version 1 has only this command. */
        PROXY,
        /** For itself, such as for a health check. The rest of the header is ignored. */
        LOCAL
    }

    /** How the client has connected to the proxy. */
    public enum Transport {
        /** Not specified, or {@link Command#LOCAL}. The header has no addresses, and its TLVs are ignored. */
        UNKNOWN,
        /** TCP over IPv4. */
        TCP4,
        /** UDP over IPv4, in version 2. */
        UDP4,
        /** TCP over IPv6. */
        TCP6,
        /** UDP over IPv6, in version 2. */
        UDP6,
        /** A Unix stream socket, in version 2. */
        UNIX_STREAM,
        /** A Unix datagram socket, in version 2. */
        UNIX_DATAGRAM;

        /** Returns the length of one address in version 2, without its port; 0 if it is not an IP address. */
        int lengthOfIp() {
            return switch (this) {
                case TCP4, UDP4 -> 4;
                case TCP6, UDP6 -> 16;
                default -> 0;
            };
        }

        int lengthOfAddresses() {
            return 2 * (isUnix() ? UNIX_ADDRESS : lengthOfIp() + Short.BYTES);
        }

        boolean isUnix() {
            return this == UNIX_STREAM || this == UNIX_DATAGRAM;
        }
    }

    private final byte[] bytes;
    private final Command command;
    private final Transport transport;
    private final @Nullable InetSocketAddress source;
    private final @Nullable InetSocketAddress destination;
    private final Tlvs tlvs;
    private final @Nullable Ssl ssl;

    ProxyHeader(
            byte[] bytes,
            Command command,
            Transport transport,
            @Nullable InetSocketAddress source,
            @Nullable InetSocketAddress destination,
            Tlvs tlvs,
            @Nullable Ssl ssl) {
        this.bytes = bytes;
        this.command = command;
        this.transport = transport;
        this.source = source;
        this.destination = destination;
        this.tlvs = tlvs;
        this.ssl = ssl;
    }

    /** Parses a complete header; it owns the bytes. */
    static ProxyHeader parse(byte[] bytes) throws ProtocolException {
        if (startsWith(bytes, TextHeader.START)) {
            return TextHeader.parse(bytes);
        }
        if (startsWith(bytes, BinaryHeader.SIGNATURE)) {
            return BinaryHeader.parse(bytes);
        }
        throw new ProtocolException("a PROXY header has neither the start of version 1 nor that of version 2");
    }

    private static boolean startsWith(byte[] bytes, byte[] start) {
        return bytes.length >= start.length && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
    }

    /** Returns a copy of what the proxy has sent. */
    byte[] bytes() {
        return bytes.clone();
    }

    /**
     * Returns the version of the protocol.
     *
     * @return 1 or 2
     */
    public int version() {
        return bytes[0] == TextHeader.START[0] ? 1 : 2;
    }

    /**
     * Returns why the proxy has connected.
     *
     * @return the command
     */
    public Command command() {
        return command;
    }

    /**
     * Returns how the client has connected to the proxy.
     *
     * @return the transport; {@link Transport#UNKNOWN} if the header does not say
     */
    public Transport transport() {
        return transport;
    }

    /**
     * Returns the client's address, which is then also that of the request.
     *
     * @return the address; empty if the client has no IP address, or the header has no addresses
     */
    public Optional<InetSocketAddress> source() {
        return Optional.ofNullable(source);
    }

    /**
     * Returns the address to which the client has connected: usually one of the proxy's.
     *
     * @return the address; empty if it is no IP address, or the header has no addresses
     */
    public Optional<InetSocketAddress> destination() {
        return Optional.ofNullable(destination);
    }

    /**
     * Returns the address of a client that has connected to a Unix socket of the proxy. It belongs to the proxy's host
     * and is not the address of the request.
     *
     * @return a path, {@code @name} in the abstract namespace, or an empty text if the client's socket has no address,
     *     which is usual; empty if the client did not use a Unix socket
     */
    public Optional<String> unixSource() {
        return unixAddress(BinaryHeader.START_LENGTH);
    }

    /**
     * Returns the address of the proxy's Unix socket to which the client has connected.
     *
     * @return a path, or {@code @name} in the abstract namespace; empty if the client did not use a Unix socket
     */
    public Optional<String> unixDestination() {
        return unixAddress(BinaryHeader.START_LENGTH + UNIX_ADDRESS);
    }

    /** A NUL ends a path; before a name, it marks the abstract namespace, and NULs at its end are padding. */
    private Optional<String> unixAddress(int from) {
        if (!transport.isUnix()) {
            return Optional.empty();
        }
        String text = new String(bytes, from, UNIX_ADDRESS, StandardCharsets.UTF_8);
        String name = text.replaceAll("\0+\\z", "");
        return Optional.of(name.startsWith("\0") ? "@" + name.substring(1) : name.split("\0", 2)[0]);
    }

    /**
     * Returns the application protocol that the client and the proxy agreed on, such as {@code h2}, section 2.2.1.
     *
     * @return the protocol; empty if it is absent or no text
     */
    public Optional<String> alpn() {
        return tlvs.text(ALPN);
    }

    /**
     * Returns the host name that the client asked for, such as the SNI of TLS, section 2.2.2.
     *
     * @return the name, at most 255 bytes in UTF-8; empty if it is absent or no text
     */
    public Optional<String> authority() {
        return tlvs.text(AUTHORITY);
    }

    /**
     * Returns the identifier that the proxy gave the connection, section 2.2.5.
     *
     * @return at most 128 bytes of any value, owned by the caller; empty if it is absent
     */
    public Optional<byte[]> uniqueId() {
        return tlvs.first(UNIQUE_ID);
    }

    /**
     * Returns the name of the network namespace of the proxy's socket, section 2.2.7.
     *
     * @return the name; empty if it is absent or no text
     */
    public Optional<String> netns() {
        return tlvs.text(NETNS);
    }

    /**
     * Returns what the proxy sent about TLS between the client and itself, section 2.2.6.
     *
     * @return the values; empty if they are absent. They can be present without TLS: see {@link Ssl#isTls()}.
     */
    public Optional<Ssl> ssl() {
        return Optional.ofNullable(ssl);
    }

    /**
     * Returns the value of the first TLV of a type, including those that have a method of their own.
     *
     * @param type the type, from 0x00 to 0xff. The range 0xe0 to 0xef is for applications: AWS uses 0xea, Azure 0xee.
     *     TLVs that only pad, 0x04, are left out.
     * @return the bytes, owned by the caller; empty if it is absent
     */
    public Optional<byte[]> tlv(int type) {
        return tlvs.first(type);
    }

    /**
     * Returns the values of all TLVs of a type.
     *
     * @param type the type, as for {@link #tlv}
     * @return the values in the order of the header, owned by the caller; empty if there are none
     */
    public List<byte[]> tlvs(int type) {
        return tlvs.values(type);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ProxyHeader header && Arrays.equals(bytes, header.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Returns version, command, transport and IP addresses: {@code v2 PROXY TCP4 192.0.2.1:5000 192.0.2.2:443}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "v%d %s %s", version(), command, transport));
        source().ifPresent(address -> AddressText.append(text.append(' '), address));
        destination().ifPresent(address -> AddressText.append(text.append(' '), address));
        return text.toString();
    }

    /**
     * TLS between a client and the proxy, section 2.2.6. The TLS between the proxy and this server, if any, is not in
     * the header.
     *
     * <p>Immutable.
     */
    public static final class Ssl {
        static final int VERSION = 0x21;
        static final int KEY_ALGORITHM = 0x25;
        private static final int COMMON_NAME = 0x22;
        private static final int CIPHER = 0x23;
        private static final int SIGNATURE_ALGORITHM = 0x24;

        private static final int TLS_FLAG = 0x01;
        private static final int CONNECTION_FLAG = 0x02;
        private static final int SESSION_FLAG = 0x04;

        private final int client;
        private final int verify;
        private final Tlvs tlvs;

        Ssl(int client, int verify, Tlvs tlvs) {
            this.client = client;
            this.verify = verify;
            this.tlvs = tlvs;
        }

        /**
         * Returns whether the client used TLS.
         *
         * @return true if it did
         */
        public boolean isTls() {
            return (client & TLS_FLAG) != 0;
        }

        /**
         * Returns whether the client sent a certificate on this connection, valid or not.
         *
         * @return true if it did
         */
        public boolean hasCertificate() {
            return (client & CONNECTION_FLAG) != 0;
        }

        /**
         * Returns whether the client sent a certificate in this TLS session, on this connection or on one that it
         * resumes, valid or not.
         *
         * @return true if it did
         */
        public boolean hasSessionCertificate() {
            return (client & SESSION_FLAG) != 0;
        }

        /**
         * Returns whether the client sent a certificate in this session or on this connection, and the proxy verified
         * it. The result field alone is not enough: HAProxy also sends 0, which is success, if there was no
         * certificate.
         *
         * @return true if the certificate was valid
         */
        public boolean isVerified() {
            return verify == 0 && (hasCertificate() || hasSessionCertificate());
        }

        /**
         * Returns the version of TLS, such as {@code TLSv1.3}.
         *
         * @return the version; empty if it is absent or no text
         */
        public Optional<String> version() {
            return tlvs.text(VERSION);
        }

        /**
         * Returns the common name of the client's certificate. It is only as good as {@link #isVerified()}.
         *
         * @return the name; empty if it is absent or no text
         */
        public Optional<String> commonName() {
            return tlvs.text(COMMON_NAME);
        }

        /**
         * Returns the cipher, such as {@code ECDHE-RSA-AES128-GCM-SHA256}.
         *
         * @return the name; empty if it is absent or no text
         */
        public Optional<String> cipher() {
            return tlvs.text(CIPHER);
        }

        /**
         * Returns the algorithm that signed the proxy's certificate, such as {@code RSA-SHA256}.
         *
         * @return the name; empty if it is absent or no text
         */
        public Optional<String> signatureAlgorithm() {
            return tlvs.text(SIGNATURE_ALGORITHM);
        }

        /**
         * Returns the key of the proxy's certificate, such as {@code RSA2048}.
         *
         * @return the name; empty if it is absent or no text
         */
        public Optional<String> keyAlgorithm() {
            return tlvs.text(KEY_ALGORITHM);
        }

        /**
         * Returns the value of the first TLV of a type in the TLS part of the header.
         *
         * @param type the type, from 0x00 to 0xff, such as 0x28, in which some proxies send the client's certificate
         * @return the bytes, owned by the caller; empty if it is absent
         */
        public Optional<byte[]> tlv(int type) {
            return tlvs.first(type);
        }
    }
}
