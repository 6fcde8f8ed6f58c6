package org.socketserver.examples.cli;

import java.io.Closeable;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.socketserver.api.internal.AddressText;

/**
 * A client socket for one server, over a connection or with packets. One thread may send while another receives.
 * Addresses are written as a server prints them: {@code HOST:PORT}, a path, or {@code @name}.
 */
abstract class Client implements Closeable {
    /** How long {@link #ask} waits for an answer. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private final boolean isStream;
    /** Bytes that {@link #ask} has received and not returned, one character per byte. */
    private final StringBuilder unread = new StringBuilder();

    /** Creates a client with a connection, or one that sends packets. */
    Client(boolean isStream) {
        this.isStream = isStream;
    }

    /** Connects without TLS. */
    static Client connect(Transport transport, String address) throws IOException {
        return connect(transport, address, null, PATIENCE);
    }

    /** Connects over TLS, or without it if {@code trust} is null. The time-out is for each answer of a handshake. */
    static Client connect(Transport transport, String address, @Nullable Trust trust, Duration timeout)
            throws IOException {
        try {
            return trust == null
                    ? ChannelClient.open(transport, address)
                    : TlsClient.open(transport, address, trust, timeout);
        } catch (IOException failure) {
            throw new IOException(
                    "can't connect to " + transport + " " + address + ": " + failure.getMessage(), failure);
        }
    }

    static InetSocketAddress resolved(String address) throws UnknownHostException {
        InetSocketAddress parsed = AddressText.parse(address);
        return parsed.isUnresolved()
                ? new InetSocketAddress(InetAddress.getByName(parsed.getHostString()), parsed.getPort())
                : parsed;
    }

    static AFUNIXSocketAddress unixAddress(String address) throws IOException {
        return address.startsWith("@")
                ? AFUNIXSocketAddress.inAbstractNamespace(address.substring(1))
                : AFUNIXSocketAddress.of(new File(address));
    }

    /** Sends all bytes, over datagrams as one packet. */
    abstract void send(byte[] bytes) throws IOException;

    /** Ends the output of a connection. The server reads the end of input and can still answer. */
    abstract void endOutput() throws IOException;

    /**
     * Returns a packet or some bytes of a connection, no bytes at its end; empty if the time-out has elapsed. Does not
     * wait if it is zero.
     *
     * @throws IOException if the connection is lost, or the transport reports that there is no server
     */
    abstract Optional<byte[]> receive(Duration timeout) throws IOException;

    /** Sends a line and returns the next line or packet, without its line end. */
    String ask(String line) throws IOException {
        send((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (true) {
            int end = unread.indexOf("\n");
            if (end >= 0) {
                byte[] answer = unread.substring(0, end).getBytes(StandardCharsets.ISO_8859_1);
                unread.delete(0, end + 1);
                return new String(answer, StandardCharsets.UTF_8);
            }
            byte[] bytes = receive(PATIENCE)
                    .orElseThrow(() -> new SocketTimeoutException("no answer in " + PATIENCE.toMillis() + " ms"));
            if (!isStream) {
                return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
            }
            if (bytes.length == 0) {
                throw new EOFException("the server closed the connection without an answer");
            }
            unread.append(new String(bytes, StandardCharsets.ISO_8859_1));
        }
    }
}
