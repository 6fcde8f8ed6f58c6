package org.socketserver.examples.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Deadline;
import org.socketserver.api.Limits;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.Checks;
import org.socketserver.api.server.ClientMemory;
import org.socketserver.api.server.TransportProvider;
import org.socketserver.api.spi.Layer;
import org.socketserver.api.spi.MixIn;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.HandOver;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tls.Tls;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options of {@code serve}. Each is declared once, in {@link #addTo}, with its name, type and effect; {@code
 * serve.properties} has its help. The parser only stores values. {@link #apply} then passes them to the framework,
 * which checks their bounds, in the order of the declarations.
 */
final class ServeOptions {
    /** The effect of each option, by its name. */
    private final Map<String, Consumer<Object>> uses = new LinkedHashMap<>();

    private final List<OptionSpec.Builder> section = new ArrayList<>();
    /** The options of the command line. */
    private final Set<String> given = new HashSet<>();

    // Set by the options.
    String handler = "echo";

    @Nullable
    String classPath;

    @Nullable
    Path recording;

    @Nullable
    Duration stats;

    RequestLines.@Nullable Form requestLines;
    Duration lameDuck = Duration.ZERO;
    List<String> groups = List.of();
    /** The layers of the server, in their order on the wire. */
    final List<Layer> layers = new ArrayList<>();

    /** The limit of all servers together; 0 is none. */
    int total;

    private final SelfSigned.Shared selfSigned;
    private Path certificate = Path.of("");
    private char @Nullable [] password;
    private @Nullable Tls tls;

    @SuppressWarnings("NullAway.Init")
    private TransportProvider<?> transport;

    /** The transports of all servers. */
    private List<TransportProvider<?>> transports = List.of();

    private ServerOptions server = ServerOptions.DEFAULTS;
    private Limits limits = Limits.NONE;
    private Concurrency concurrency = Concurrency.THREADING;
    private ThreadingMixIn threading = new ThreadingMixIn();
    private final ForkingMixIn forking = new ForkingMixIn();

    ServeOptions(SelfSigned.Shared selfSigned) {
        this.selfSigned = selfSigned;
    }

    /** Adds all options to a command. */
    void addTo(CommandSpec command) {
        option("--handler", "NAME|CLASS", String.class, name -> handler = name)
                .completionCandidates(TextValues.words(BuiltIn.values()));
        option("--class-path", "PATH", String.class, path -> classPath = path);
        endSection(command, "Handler");

        option("--mixin", "NAME", Concurrency.class, mixIn -> concurrency = mixIn);
        option("--threads", "KIND", ThreadKind.class, this::threads);
        option("--max-concurrent", "N", Integer.class, most -> {
            requireMixIn("--max-concurrent", Concurrency.THREADING);
            threading.maxConcurrent(most);
        });
        option("--max-total", "N", Integer.class, most -> total = Checks.atLeast("total", most, 1, "requests"));
        endSection(command, "Concurrency");

        forking("--max-children", "N", Integer.class, forking::maxChildren);
        forking("--min-idle", "N", Integer.class, forking::minIdle);
        forking("--requests-per-child", "N", Integer.class, forking::requestsPerChild);
        forking("--requests-per-child-jitter", "N", Integer.class, fewer -> {
            requireOption("--requests-per-child-jitter", "--requests-per-child");
            forking.requestsPerChildJitter(fewer);
        });
        forking("--worker-idle-timeout", "TIME", Duration.class, forking::idleTimeout);
        forking("--start-timeout", "TIME", Duration.class, forking::startTimeout);
        forking("--heartbeat-timeout", "TIME", Duration.class, forking::heartbeatTimeout);
        forking("--hand-over", "WAY", HandOver.class, forking::handOver);
        list("--worker-option", "OPTION", options -> {
            requireMixIn("--worker-option", Concurrency.FORKING);
            options.forEach(forking::workerOption);
        });
        endSection(command, "Worker processes (--mixin forking)");

        option("--when-full", "WHAT", String.class, what -> limits = limits.whenFull(TextValues.whenFull(what)))
                .completionCandidates(List.of("wait", "reject", "answer:"));
        option("--per-client", "N", Integer.class, most -> limits = limits.perClient(most));
        option("--per-client-prefix", "BITS", Integer.class, bits -> {
            requireOption("--per-client-prefix", "--per-client");
            limits = limits.perClientPrefix(bits);
        });
        option("--accept-rate", "N", Integer.class, rate -> {
            // Check the rate first, with the smallest burst.
            limits = limits.acceptRate(rate, 1).acceptRate(rate, Math.max(1, rate));
        });
        option("--accept-burst", "N", Integer.class, burst -> {
            requireOption("--accept-burst", "--accept-rate");
            limits = limits.acceptRate(limits.acceptRate(), burst);
        });
        option("--handshakes", "N", Integer.class, most -> limits = limits.handshakes(most));
        option("--client-memory", "BYTES", Long.class, ClientMemory::limit);
        list("--allow", "PEERS", peers -> limits = limits.allow(TextValues.peers(peers, transport, transports)));
        list("--deny", "PEERS", peers -> limits = limits.deny(TextValues.peers(peers, transport, transports)));
        endSection(command, "Limits");

        list("--proxy-from", "NETWORK", peers -> proxy(peers));
        option("--tls-self-signed", "", Boolean.class, yes -> {
            if (given.contains("--tls-cert")) {
                throw new IllegalArgumentException("--tls-self-signed and --tls-cert exclude each other");
            }
            tls = Tls.of(selfSigned.get().context());
        });
        pem("--tls-cert", "--tls-key", file -> certificate = file);
        pem("--tls-password-file", "--tls-key", file -> password = TextValues.password(file));
        pem("--tls-key", "--tls-cert", key -> {
            tls = password == null ? Tls.of(certificate, key) : Tls.of(certificate, key, password);
        });
        pem("--tls-client-ca", "--tls-cert", file -> tls = tls().clients(Tls.Clients.REQUIRED, file));
        time("--tls-reload", period -> {
            requireOption("--tls-reload", "--tls-cert");
            tls = tls().reloadEvery(period);
        });
        list("--alpn", "NAME", names -> tls = tls().alpn(names.toArray(String[]::new)));
        time("--handshake-timeout", time -> server = server.deadline(Deadline.HANDSHAKE, time));
        endSection(command, "Layers (tcp, unix)");

        time("--first-byte-timeout", time -> server = server.deadline(Deadline.FIRST_BYTE, time));
        time("--idle-timeout", time -> server = server.deadline(Deadline.IDLE, time));
        time("--read-timeout", time -> server = server.deadline(Deadline.READ, time));
        time("--write-timeout", time -> server = server.deadline(Deadline.WRITE, time));
        time("--request-timeout", time -> server = server.deadline(Deadline.REQUEST, time));
        time("--max-age", time -> server = server.deadline(Deadline.AGE, time));
        option("--age-jitter", "PERCENT", Integer.class, sets(ServerOptions::ageJitter));
        endSection(command, "Deadlines");

        time("--lame-duck", time -> lameDuck = time);
        time("--grace", sets(ServerOptions::grace));
        endSection(command, "Graceful shutdown");

        time("--stats", this::stats);
        option("--jfr", "FILE", Path.class, file -> recording = file);
        time("--stuck-after", sets(ServerOptions::stuckAfter));
        option("--log-requests", "FORM", RequestLines.Form.class, form -> requestLines = form)
                .arity("0..1")
                .preprocessor(new RequestLines.FormOrNothing());
        endSection(command, "Observability");

        option("--name", "NAME", String.class, sets(ServerOptions::name));
        time("--poll-interval", sets(ServerOptions::pollInterval));
        option("--backlog", "N", Integer.class, sets(ServerOptions::backlog));
        option("--reuse-address", "true|false", Boolean.class, sets(ServerOptions::reuseAddress))
                .arity("1");
        option("--reuse-port", "", Boolean.class, sets(ServerOptions::reusePort));
        option("--dual-stack", "true|false", Boolean.class, sets(ServerOptions::dualStack))
                .arity("1");
        option("--no-delay", "true|false", Boolean.class, sets(ServerOptions::noDelay))
                .arity("1");
        option("--keep-alive", "", Boolean.class, sets(ServerOptions::keepAlive));
        option("--receive-buffer", "BYTES", Integer.class, sets(ServerOptions::receiveBufferSize));
        option("--send-buffer", "BYTES", Integer.class, sets(ServerOptions::sendBufferSize));
        option("--mode", "OCTAL", String.class, this::mode);
        endSection(command, "Server and socket");

        option("--max-datagram", "BYTES", Integer.class, sets(ServerOptions::maxDatagramSize));
        option("--deliver-truncated", "", Boolean.class, sets(ServerOptions::deliverTruncated));
        option("--broadcast", "", Boolean.class, sets(ServerOptions::broadcast));
        list("--join", "GROUP@INTERFACE", this::join);
        endSection(command, "Datagrams");
    }

    private <T> Consumer<T> sets(BiFunction<ServerOptions, T, ServerOptions> change) {
        return value -> server = change.apply(server, value);
    }

    private <T> OptionSpec.Builder option(String name, String label, Class<T> type, Consumer<T> use) {
        uses.put(name, value -> use.accept(type.cast(value)));
        OptionSpec.Builder option = OptionSpec.builder(name).paramLabel(label).type(type);
        if (type.getEnumConstants() instanceof Enum<?>[] constants) {
            option.completionCandidates(TextValues.words(constants));
            option.converters(text -> TextValues.constant(constants, text));
        }
        section.add(option);
        return option;
    }

    private void time(String name, Consumer<Duration> use) {
        option(name, "TIME", Duration.class, use);
    }

    private <T> void forking(String name, String label, Class<T> type, Consumer<T> use) {
        option(name, label, type, value -> {
            requireMixIn(name, Concurrency.FORKING);
            use.accept(value);
        });
    }

    /** The effect of an option that names a file. */
    private interface Reading {
        void accept(Path file) throws IOException;
    }

    private void pem(String name, String needed, Reading use) {
        option(name, "FILE", Path.class, file -> {
            requireOption(name, needed);
            try {
                use.accept(file);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure.getMessage(), failure);
            }
        });
    }

    private Tls tls() {
        if (tls == null) {
            throw new IllegalArgumentException("--alpn has no meaning without --tls-cert or --tls-self-signed");
        }
        return tls;
    }

    /** Declares an option that can be repeated. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private void list(String name, String label, Consumer<List<String>> use) {
        option(name, label, List.class, (Consumer) use).auxiliaryTypes(String.class);
    }

    private void endSection(CommandSpec command, String heading) {
        ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                .heading("%n" + heading + ":%n")
                .order(command.argGroups().size())
                .validate(false);
        section.forEach(option -> group.addArg(option.build()));
        section.clear();
        command.addArgGroup(group.build());
    }

    /**
     * Passes the values of the command line to the framework. An IllegalArgumentException names the option.
     *
     * @param chosen the transport of the server with these options
     * @param all the transports of all servers; an option must be for at least one of them
     */
    void apply(CommandSpec command, TransportProvider<?> chosen, List<TransportProvider<?>> all) {
        transport = chosen;
        transports = all;
        uses.keySet().stream()
                .filter(option -> command.findOption(option).getValue() != null)
                .forEach(given::add);
        uses.forEach((option, use) -> {
            Object value = command.findOption(option).getValue();
            if (value != null) {
                try {
                    use.accept(value);
                } catch (IllegalArgumentException rejected) {
                    // Name the option in the style of picocli, instead of by its name in code.
                    String why = String.valueOf(rejected.getMessage()).replaceFirst("^\\w+ is ", "it is ");
                    String what = why.startsWith("--") ? "" : "Invalid value for option '" + option + "': ";
                    throw new IllegalArgumentException(what + why, rejected);
                }
            }
        });
        if (tls != null) {
            require("TLS is for tcp and unix", TextValues::isStream);
            if (TextValues.isStream(transport)) {
                layers.add(tls);
            }
        }
    }

    /** Throws if no server has a transport that an option is for. */
    private void require(String what, Predicate<TransportProvider<?>> isFor) {
        if (transports.stream().noneMatch(isFor)) {
            throw new IllegalArgumentException(what + ", not for " + TextValues.schemes(transports));
        }
    }

    private void proxy(List<String> peers) {
        require("--proxy-from is for tcp and unix", TextValues::isStream);
        if (TextValues.isStream(transport)) {
            layers.add(TextValues.proxy(peers, transport, transports));
        }
    }

    private void join(List<String> all) {
        require("--join is for udp", one -> one.scheme().equals("udp"));
        groups = all;
    }

    private void requireMixIn(String option, Concurrency needed) {
        if (concurrency != needed) {
            boolean alike = concurrency == Concurrency.FORKING && option.equals("--max-concurrent");
            throw new IllegalArgumentException(option + " has no meaning with --mixin " + concurrency
                    + (alike ? ", where it is --max-children" : "; it needs --mixin " + needed));
        }
    }

    private void requireOption(String option, String needed) {
        if (!given.contains(needed)) {
            throw new IllegalArgumentException(option + " has no meaning without " + needed);
        }
    }

    private void threads(ThreadKind kind) {
        requireMixIn("--threads", Concurrency.THREADING);
        if (kind == ThreadKind.VIRTUAL && ThreadKind.best() != ThreadKind.VIRTUAL) {
            throw new IllegalArgumentException(
                    "Java " + Runtime.version().feature() + " has no virtual threads; they need Java 21 or later");
        }
        threading = new ThreadingMixIn(kind);
    }

    private void stats(Duration every) {
        if (every.isZero()) {
            throw new IllegalArgumentException("it is 0 ms; it must be 1 ms or more");
        }
        stats = every;
    }

    private void mode(String mode) {
        require("--mode is for unix and unix-datagram", TextValues::isUnix);
        server = server.socketFileMode(TextValues.mode(mode));
    }

    ServerOptions serverOptions() {
        return server.limits(limits);
    }

    MixIn mixIn() {
        return switch (concurrency) {
            case NONE -> MixIn.SYNCHRONOUS;
            case THREADING -> threading;
            case FORKING -> forking;
        };
    }
}
