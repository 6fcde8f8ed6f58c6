package org.socketserver.proxy;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.socketserver.api.DisconnectedException;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.spi.Connection;

/** Reads exactly one header from a connection: it never asks for a byte that may not belong to the header. */
final class HeaderReader {
    private final Connection connection;
    private ByteBuffer bytes = ByteBuffer.allocate(TextHeader.MAX_LENGTH);

    private HeaderReader(Connection connection) {
        this.connection = connection;
    }

    static ProxyHeader read(Connection connection) throws IOException {
        return new HeaderReader(connection).header();
    }

    private ProxyHeader header() throws IOException {
        // The shortest header of version 1 has 15 bytes, that of version 2 has 16. Both are told apart by 12.
        bytes.limit(BinaryHeader.SIGNATURE.length);
        while (bytes.hasRemaining()) {
            receive();
            requireStartOfHeader();
        }
        return ProxyHeader.parse(bytes.get(0) == TextHeader.START[0] ? line() : binary());
    }

    /** Waits for at least one byte. */
    private void receive() throws IOException {
        if (connection.read(bytes) < 0) {
            throw new DisconnectedException(
                    AddressText.of(connection.remoteAddress()) + " has disconnected after " + bytes.position()
                            + " bytes of its PROXY header",
                    null);
        }
    }

    /** Fails at the first wrong byte, because the peer may wait for an answer before it sends more. */
    private void requireStartOfHeader() throws ProtocolException {
        if (!isStart(TextHeader.START) && !isStart(BinaryHeader.SIGNATURE)) {
            throw new ProtocolException("the connection does not begin with a PROXY header, but with the bytes "
                    + HexFormat.ofDelimiter(" ").formatHex(bytes.array(), 0, bytes.position()));
        }
    }

    private boolean isStart(byte[] start) {
        int length = Math.min(start.length, bytes.position());
        return Arrays.equals(start, 0, length, bytes.array(), 0, length);
    }

    private byte[] line() throws IOException {
        while (!TextHeader.hasLineFeed(bytes.array(), bytes.position())) {
            int length = bytes.position();
            if (length == TextHeader.MAX_LENGTH) {
                throw new ProtocolException(
                        "the PROXY line has no CRLF in its first " + length + " bytes, which is the longest allowed");
            }
            int missing = TextHeader.leastMissing(bytes.array(), length);
            bytes.limit(Math.min(length + missing, TextHeader.MAX_LENGTH));
            receive();
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private byte[] binary() throws IOException {
        fill(BinaryHeader.START_LENGTH);
        int length = BinaryHeader.START_LENGTH + BinaryHeader.declaredLength(bytes.array());
        bytes = ByteBuffer.allocate(length).put(bytes.flip());
        fill(length);
        return bytes.array();
    }

    private void fill(int length) throws IOException {
        bytes.limit(length);
        while (bytes.hasRemaining()) {
            receive();
        }
    }
}
