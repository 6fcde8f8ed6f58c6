package org.socketserver.examples.cli;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.socketserver.api.Network;
import org.socketserver.api.PeerRule;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.TransportProvider;
import org.socketserver.proxy.ProxyProtocol;
import org.socketserver.unix.UnixPeers;
import picocli.CommandLine.TypeConversionException;

/** Parses values of the command line; an exception's message describes an invalid value. */
final class TextValues {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,3})?)(ms|s|m|h)?");
    private static final Map<String, Integer> MILLIS = Map.of("ms", 1, "s", 1_000, "m", 60_000, "h", 3_600_000);

    private TextValues() {}

    /** Returns the name of a constant on the command line: in lower case, with hyphens. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the names of all constants, for help and completion. */
    static List<String> words(Enum<?>[] constants) {
        return Arrays.stream(constants).map(TextValues::word).toList();
    }

    /** Parses the name of a constant. */
    static Enum<?> constant(Enum<?>[] constants, String text) {
        return Arrays.stream(constants)
                .filter(constant -> word(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException(
                        "'" + text + "' is not one of " + String.join(", ", words(constants))));
    }

    /** Parses {@code 500ms}, {@code 5s}, {@code 2m}, {@code 1h}, and {@code 5} for seconds. */
    static Duration duration(String text) {
        Matcher parts = DURATION.matcher(text);
        if (!parts.matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is not a time; write 500ms, 5s, 2m, 1h, or a number of seconds");
        }
        int unit = MILLIS.getOrDefault(parts.group(2) == null ? "s" : parts.group(2), 1);
        BigDecimal millis = new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unit));
        return Duration.ofMillis(millis.longValue());
    }

    /** Parses permissions as {@code chmod} does: three octal digits, with an optional leading zero. */
    static Set<PosixFilePermission> mode(String text) {
        if (!text.matches("0?[0-7]{3}")) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a file mode; write three octal digits, such as 660");
        }
        int bits = Integer.parseInt(text, 8);
        Set<PosixFilePermission> permissions = EnumSet.allOf(PosixFilePermission.class);
        // The constants are declared in the order of the bits, from OWNER_READ (0400) to OTHERS_EXECUTE (0001).
        permissions.removeIf(permission -> (bits & (0400 >> permission.ordinal())) == 0);
        return permissions;
    }

    /** Reads the password in a file, without the line end. */
    static char[] password(Path file) throws IOException {
        // A stream, because its exceptions have the file and a reason in words.
        try (InputStream in = new FileInputStream(file.toFile())) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .stripTrailing()
                    .toCharArray();
        }
    }

    /** Parses what happens to requests beyond a limit: {@code wait}, {@code reject}, {@code answer:TEXT}. */
    static WhenFull whenFull(String text) {
        if (text.matches("(?s)answer:.+")) {
            return WhenFull.answer(text.substring("answer:".length()) + '\n');
        }
        return switch (text) {
            case "wait" -> WhenFull.WAIT;
            case "reject" -> WhenFull.REJECT;
            default -> throw new IllegalArgumentException("'" + text + "' is not one of wait, reject, answer:TEXT");
        };
    }

    static boolean isStream(TransportProvider<?> transport) {
        return transport.requestType() == StreamRequest.class;
    }

    /** Returns whether a transport uses Unix sockets. */
    static boolean isUnix(TransportProvider<?> transport) {
        return transport.scheme().startsWith("unix");
    }

    static String schemes(List<TransportProvider<?>> transports) {
        return transports.stream().map(TransportProvider::scheme).distinct().collect(Collectors.joining(", "));
    }

    /**
     * Parses {@code user:NAME}, {@code group:NAME} and networks, and returns the rules for a transport. Rejects rules
     * that never match on any of several transports.
     */
    static PeerRule[] peers(List<String> texts, TransportProvider<?> transport, List<TransportProvider<?>> all) {
        return texts.stream()
                .filter(text -> {
                    boolean isUnix = text.startsWith("user:") || text.startsWith("group:");
                    Predicate<TransportProvider<?>> fits =
                            one -> isUnix ? one.scheme().equals("unix") : !isUnix(one);
                    if (all.stream().noneMatch(fits)) {
                        throw new IllegalArgumentException(
                                text + " is for " + (isUnix ? "unix" : "tcp and udp") + ", not for " + schemes(all));
                    }
                    return fits.test(transport);
                })
                .map(TextValues::peers)
                .toArray(PeerRule[]::new);
    }

    private static PeerRule peers(String text) {
        String name = text.substring(text.indexOf(':') + 1);
        return text.startsWith("user:")
                ? UnixPeers.user(name)
                : text.startsWith("group:") ? UnixPeers.group(name) : Network.parse(text);
    }

    /**
     * Parses the proxies that send PROXY headers, and returns the layer of a transport: networks for tcp, the word
     * {@code unix} for unix. Rejects what is for none of several transports.
     */
    static ProxyProtocol proxy(List<String> texts, TransportProvider<?> transport, List<TransportProvider<?>> all) {
        boolean someUnix = all.stream().anyMatch(one -> one.scheme().equals("unix"));
        boolean someOther =
                all.stream().anyMatch(one -> isStream(one) && !one.scheme().equals("unix"));
        List<String> networks =
                texts.stream().filter(text -> !text.equals("unix")).toList();
        if (!networks.isEmpty() && !someOther) {
            throw new IllegalArgumentException(String.join(", ", networks) + " is for tcp; for unix write unix");
        }
        boolean isUnix = transport.scheme().equals("unix");
        if (isUnix
                ? networks.size() == texts.size()
                : networks.isEmpty() || (!someUnix && networks.size() < texts.size())) {
            throw new IllegalArgumentException(String.join(", ", texts) + " has no proxy for " + transport.scheme()
                    + "; write " + (isUnix ? "unix" : "a network such as 10.0.0.0/8"));
        }
        return isUnix
                ? ProxyProtocol.fromUnix()
                : ProxyProtocol.from(networks.stream().map(Network::parse).toArray(Network[]::new));
    }
}
