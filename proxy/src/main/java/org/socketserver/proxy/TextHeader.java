package org.socketserver.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.PlainText;

/** Version 1: one line of text, section 2.1. */
final class TextHeader {
    static final byte[] START = "PROXY ".getBytes(StandardCharsets.US_ASCII);

    /** With its CRLF. */
    static final int MAX_LENGTH = 107;

    /** Loaded when the first line is parsed. */
    private static final class Numbers {
        static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");
    }

    private TextHeader() {}

    static boolean hasLineFeed(byte[] line, int length) {
        for (int i = 0; i < length; i++) {
            if (line[i] == '\n') {
                return true;
            }
        }
        return false;
    }

    /** Returns how many bytes a valid line has at least after these, which are 12 or more, so that few reads do. */
    static int leastMissing(byte[] line, int length) {
        if (line[length - 1] == '\r') {
            return 1;
        }
        int least = 2; // CRLF
        String protocol = new String(line, START.length, 5, StandardCharsets.ISO_8859_1);
        if (protocol.equals("TCP4 ") || protocol.equals("TCP6 ")) {
            int spaces = 0;
            for (int i = 0; i < length; i++) {
                spaces += line[i] == ' ' ? 1 : 0;
            }
            int shortestAddress = (protocol.equals("TCP4 ") ? "0.0.0.0" : "::").length();
            least += spaces < 3 ? 1 + shortestAddress : 0;
            least += 2 * Math.max(0, 5 - Math.max(spaces, 3)); // Two ports.
        }
        return least;
    }

    static ProxyHeader parse(byte[] bytes) throws ProtocolException {
        if (bytes.length > MAX_LENGTH) {
            throw new ProtocolException(
                    "the PROXY line has " + bytes.length + " bytes; it must have at most " + MAX_LENGTH);
        }
        String line = new String(bytes, StandardCharsets.ISO_8859_1);
        if (!line.endsWith("\r\n") || line.indexOf('\n') < line.length() - 1) {
            throw invalid(line, "does not end with CRLF");
        }
        String[] fields = line.substring(0, line.length() - 2).split(" ", -1);
        String protocol = fields.length < 2 ? "" : fields[1];
        ProxyHeader.Transport transport = switch (protocol) {
            case "TCP4" -> ProxyHeader.Transport.TCP4;
            case "TCP6" -> ProxyHeader.Transport.TCP6;
            case "UNKNOWN" -> ProxyHeader.Transport.UNKNOWN;
            default -> throw invalid(line, "has protocol " + quoted(protocol) + "; it must be TCP4, TCP6 or UNKNOWN");
        };
        if (transport == ProxyHeader.Transport.UNKNOWN) {
            // Section 2.1: the receiver must ignore the rest of the line.
            return new ProxyHeader(bytes, ProxyHeader.Command.PROXY, transport, null, null, Tlvs.NONE, null);
        }
        if (fields.length != 6) {
            throw invalid(line, "has " + fields.length + " fields; it must have 6, with one space between them");
        }
        return new ProxyHeader(
                bytes,
                ProxyHeader.Command.PROXY,
                transport,
                new InetSocketAddress(address(line, transport, fields[2]), port(line, fields[4])),
                new InetSocketAddress(address(line, transport, fields[3]), port(line, fields[5])),
                Tlvs.NONE,
                null);
    }

    /**
     * Parses an address, which is never looked up. TCP6 lines may have an IPv4 address, because nginx sends one if only
     * the client or only the server has IPv6 (nginx issue 1609).
     */
    private static InetAddress address(String line, ProxyHeader.Transport transport, String text)
            throws ProtocolException {
        return AddressText.ofLiteral(text)
                .filter(found -> transport == ProxyHeader.Transport.TCP6 || !text.contains(":"))
                .orElseThrow(() -> invalid(
                        line,
                        "has address " + quoted(text) + "; it must be an IP address of " + transport
                                + ", without leading zeros or a zone"));
    }

    private static int port(String line, String text) throws ProtocolException {
        if (!Numbers.PORT.matcher(text).matches() || Integer.parseInt(text) > 65_535) {
            throw invalid(line, "has port " + quoted(text) + "; it must be from 0 to 65535, without leading zeros");
        }
        return Integer.parseInt(text);
    }

    private static ProtocolException invalid(String line, String why) {
        return new ProtocolException("the PROXY line " + quoted(line) + " " + why);
    }

    private static String quoted(String text) {
        return "'" + PlainText.of(text) + "'";
    }
}
