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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.socketserver.api.Network;
import org.socketserver.api.PeerRule;
import org.socketserver.api.WhenFull;
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

    /** Parses {@code user:NAME}, {@code group:NAME} and networks. Rejects rules that never match on the transport. */
    static PeerRule[] peers(List<String> texts, Transport transport) {
        return texts.stream()
                .map(text -> {
                    boolean isUser = text.startsWith("user:");
                    boolean isUnix = isUser || text.startsWith("group:");
                    if (isUnix ? transport != Transport.UNIX : transport.isUnix()) {
                        throw new IllegalArgumentException(
                                text + " is for " + (isUnix ? "unix" : "tcp and udp") + ", not for " + transport);
                    }
                    String name = text.substring(text.indexOf(':') + 1);
                    return !isUnix ? Network.parse(text) : isUser ? UnixPeers.user(name) : UnixPeers.group(name);
                })
                .toArray(PeerRule[]::new);
    }

    /** Parses the proxies that send PROXY headers: networks for tcp, the word {@code unix} for unix. */
    static ProxyProtocol proxy(List<String> texts, Transport transport) {
        return switch (transport) {
            case TCP -> ProxyProtocol.from(texts.stream().map(Network::parse).toArray(Network[]::new));
            case UNIX -> {
                if (!texts.equals(List.of("unix"))) {
                    throw new IllegalArgumentException(String.join(", ", texts) + " is for tcp; for unix write unix");
                }
                yield ProxyProtocol.fromUnix();
            }
            default -> throw new IllegalArgumentException("--proxy-from is for tcp and unix, not for " + transport);
        };
    }
}
