package org.socketserver.examples.cli;

import java.util.Iterator;
import java.util.List;
import org.socketserver.api.internal.PercentText;
import org.socketserver.api.server.TransportProvider;

/**
 * The address of a server in the arguments of the command line: one word, as {@link
 * org.socketserver.api.server.Servers} describes it, or a transport and an address.
 *
 * @param transport the scheme of the address
 * @param address the rest, not encoded: {@code HOST:PORT}, a path, or {@code @NAME}
 */
record Place(String transport, String address) {
    /** The transports, for completion. */
    static final class Transports implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return TextValues.words(Transport.values()).iterator();
        }
    }

    /** Returns the addresses of {@code serve} in the form of {@link org.socketserver.api.server.Servers}. */
    static List<String> texts(List<String> words) {
        return words.size() == 2 && words.get(0).indexOf(':') < 0 ? List.of(text(words)) : words;
    }

    private static String text(List<String> words) {
        String transport = words.get(0);
        List<String> schemes = TransportProvider.all().stream()
                .map(TransportProvider::scheme)
                .distinct()
                .sorted()
                .toList();
        if (!schemes.contains(transport)) {
            throw new IllegalArgumentException(
                    "Invalid value for TRANSPORT: '" + transport + "' is not one of " + String.join(", ", schemes));
        }
        if (!transport.startsWith("unix")) {
            return transport + "://" + words.get(1);
        }
        String path = words.get(1).replace("%", "%25").replace("?", "%3F");
        return transport + ':' + (path.startsWith("//") ? "%2F" + path.substring(1) : path);
    }

    /** Returns the address of {@code talk}. */
    static Place of(List<String> words) {
        if (words.size() == 2) {
            return new Place(words.get(0), words.get(1));
        }
        String text = words.get(0);
        int colon = text.indexOf(':');
        String transport = text.substring(0, Math.max(0, colon));
        if (transport.startsWith("unix")) {
            return new Place(transport, PercentText.decode(text.substring(colon + 1)));
        }
        if (!text.startsWith("//", colon + 1)) {
            throw new IllegalArgumentException("Invalid value for ADDRESS: '" + text
                    + "' is not an address; write for example tcp://127.0.0.1:8087 or unix:/run/shout.sock");
        }
        return new Place(transport, text.substring(colon + 3));
    }

    /** Returns the transport if it is one of this project. */
    Transport knownTransport() {
        List<String> known = TextValues.words(Transport.values());
        if (!known.contains(transport)) {
            throw new IllegalArgumentException(
                    "Invalid value for TRANSPORT: '" + transport + "' is not one of " + String.join(", ", known));
        }
        return Transport.values()[known.indexOf(transport)];
    }
}
