package org.socketserver.api.server;

import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.PercentText;
import org.socketserver.api.internal.PlainText;

/** The address of a server as text, such as {@code tcp://127.0.0.1:8087?backlog=100}, and the transport for it. */
final class ServerAddress {
    private static final Pattern FORM = Pattern.compile("([a-z][a-z0-9+.-]*):([^?]*)(?:\\?(.*))?", Pattern.DOTALL);

    /** The transports of this project: scheme, artifact, a class of it. */
    private static final Map<String, String[]> KNOWN = Map.of(
            "tcp", new String[] {"socketserver-tcp", "org.socketserver.tcp.TcpServer"},
            "udp", new String[] {"socketserver-udp", "org.socketserver.udp.UdpServer"},
            "unix", new String[] {"socketserver-unix", "org.socketserver.unix.UnixStreamServer"},
            "unix-datagram", new String[] {"socketserver-unix", "org.socketserver.unix.UnixDatagramServer"});

    /** The option that all transports have. */
    private static final String NAME = "name";

    private static final Map<String, BiFunction<ServerOptions, String, ServerOptions>> OPTIONS = Map.ofEntries(
            Map.entry(NAME, ServerOptions::name),
            Map.entry("backlog", (options, value) -> options.backlog(integer(value))),
            Map.entry("reuseAddress", (options, value) -> options.reuseAddress(bool(value))),
            Map.entry("reusePort", (options, value) -> options.reusePort(bool(value))),
            Map.entry("dualStack", (options, value) -> options.dualStack(bool(value))),
            Map.entry("noDelay", (options, value) -> options.noDelay(bool(value))),
            Map.entry("keepAlive", (options, value) -> options.keepAlive(bool(value))),
            Map.entry("broadcast", (options, value) -> options.broadcast(bool(value))),
            Map.entry("deliverTruncated", (options, value) -> options.deliverTruncated(bool(value))),
            Map.entry("receiveBufferSize", (options, value) -> options.receiveBufferSize(integer(value))),
            Map.entry("sendBufferSize", (options, value) -> options.sendBufferSize(integer(value))),
            Map.entry("maxDatagramSize", (options, value) -> options.maxDatagramSize(integer(value))),
            Map.entry("mode", (options, value) -> options.socketFileMode(mode(value))));

    private final String text;
    private final TransportProvider<?> transport;
    private final String place;
    private final Map<String, String> query = new LinkedHashMap<>();

    /**
     * Parses an address and finds its transport.
     *
     * @throws IllegalArgumentException if the text has another form, there is no such transport, or it does not have
     *     an option of the query
     */
    ServerAddress(String text) {
        this.text = Objects.requireNonNull(text, "address");
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw invalid("has no scheme; write for example tcp://127.0.0.1:8087 or unix:/run/shout.sock");
        }
        transport = transport(matcher.group(1));
        place = matcher.group(2);
        if (matcher.group(3) != null) {
            for (String option : matcher.group(3).split("&", -1)) {
                add(option);
            }
        }
    }

    private void add(String option) {
        int equals = option.indexOf('=');
        if (equals < 1) {
            throw invalid("has the option " + quoted(option) + "; write NAME=VALUE");
        }
        String name = option.substring(0, equals);
        Set<String> names = new TreeSet<>(transport.options());
        names.retainAll(OPTIONS.keySet());
        names.add(NAME);
        if (!names.contains(name)) {
            throw invalid("has the option " + quoted(name) + "; those of " + transport.scheme() + " are "
                    + String.join(", ", names));
        }
        if (query.put(name, option.substring(equals + 1)) != null) {
            throw invalid("has the option " + name + " twice");
        }
    }

    /** Returns the kind of request of the transport. */
    Class<? extends Request> requestType() {
        return transport.requestType();
    }

    /**
     * Creates a server.
     *
     * @param handlers for requests of {@link #requestType()}
     * @param defaults the options that the query does not have
     * @throws IllegalArgumentException if a value of the query, or the place, is invalid
     */
    BaseServer<?> server(HandlerSource<?> handlers, ServerOptions defaults) {
        ServerOptions options = defaults;
        for (Map.Entry<String, String> option : query.entrySet()) {
            try {
                options = Objects.requireNonNull(OPTIONS.get(option.getKey()))
                        .apply(options, PercentText.decode(option.getValue()));
            } catch (IllegalArgumentException invalid) {
                throw new IllegalArgumentException(
                        "the address " + PlainText.of(text) + " has an invalid " + option.getKey() + ": "
                                + invalid.getMessage(),
                        invalid);
            }
        }
        return server(transport, handlers, options);
    }

    @SuppressWarnings("unchecked") // The caller has compared the kinds of request.
    private <R extends Request> BaseServer<R> server(
            TransportProvider<R> typed, HandlerSource<?> handlers, ServerOptions options) {
        return typed.server(place, (HandlerSource<R>) handlers, options);
    }

    private TransportProvider<?> transport(String scheme) {
        Set<String> found = new TreeSet<>();
        for (TransportProvider<?> provider : TransportProvider.all()) {
            if (provider.scheme().equals(scheme)) {
                return provider;
            }
            found.add(provider.scheme());
        }
        String[] known = KNOWN.get(scheme);
        if (known == null) {
            throw invalid("has the scheme " + scheme + ", for which there is no transport; there is "
                    + (found.isEmpty() ? "none at all" : String.join(", ", found)));
        }
        if (isPresent(known[1])) {
            throw new IllegalStateException(known[0] + " is present, but its entry in META-INF/services/"
                    + TransportProvider.class.getName()
                    + " is not; a tool that merges jars must also merge the files in"
                    + " META-INF/services (maven-shade-plugin: ServicesResourceTransformer)");
        }
        throw invalid("needs the artifact " + known[0] + ", which is not on the class path or module path");
    }

    private static boolean isPresent(String className) {
        try {
            Class.forName(className, false, ServerAddress.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError absent) {
            return false;
        }
    }

    private IllegalArgumentException invalid(String why) {
        return new IllegalArgumentException("the address " + PlainText.of(text) + " " + why);
    }

    private static String quoted(String option) {
        return "\"" + PlainText.of(option) + '"';
    }

    private static int integer(String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException none) {
            throw new IllegalArgumentException(quoted(value) + " is not an integer", none);
        }
    }

    private static boolean bool(String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(quoted(value) + " is neither true nor false");
        };
    }

    private static Set<PosixFilePermission> mode(String value) {
        if (!value.matches("0?[0-7]{3}")) {
            throw new IllegalArgumentException(quoted(value) + " is not a mode; write three octal digits such as 660");
        }
        int bits = Integer.parseInt(value, 8);
        PosixFilePermission[] all = PosixFilePermission.values();
        Set<PosixFilePermission> set = new LinkedHashSet<>();
        for (int i = 0; i < all.length; i++) {
            if ((bits >> (all.length - 1 - i) & 1) == 1) {
                set.add(all[i]);
            }
        }
        return set;
    }
}
