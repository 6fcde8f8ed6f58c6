package org.socketserver.examples.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.ServerOptions;
import org.socketserver.examples.servers.Transport;
import picocli.CommandLine.Option;

/** The options of the server and its socket. Bounds are those of {@link ServerOptions.Builder}. */
final class ServerArguments {
    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "",
            description = "What it is called in logs, events and thread names. Default: transport and address")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(
            names = "--poll-interval",
            paramLabel = "TIME",
            defaultValue = "500ms",
            converter = DurationText.class,
            description = "Longest time between two turns of periodic work. At least 1ms. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Duration pollInterval;

    @Option(
            names = "--backlog",
            paramLabel = "N",
            defaultValue = "4096",
            description = "Streams: connections the kernel holds before they are accepted, 1 to 65535. "
                    + "Default: ${DEFAULT-VALUE}")
    private int backlog;

    @Option(
            names = "--reuse-address",
            arity = "1",
            paramLabel = "true|false",
            description = "TCP: bind although old connections linger (SO_REUSEADDR). Default: true, on Windows false")
    private @Nullable Boolean reuseAddress;

    @Option(names = "--reuse-port", description = "IP: let several servers share the port (SO_REUSEPORT). Default: no")
    private boolean reusePort;

    @Option(
            names = "--dual-stack",
            arity = "1",
            paramLabel = "true|false",
            defaultValue = "true",
            description = "IP: a wildcard address takes IPv4 and IPv6 peers alike. Default: ${DEFAULT-VALUE}")
    private boolean dualStack;

    @Option(
            names = "--no-delay",
            arity = "1",
            paramLabel = "true|false",
            defaultValue = "true",
            description = "TCP: send small writes at once (TCP_NODELAY). Default: ${DEFAULT-VALUE}")
    private boolean noDelay;

    @Option(names = "--keep-alive", description = "TCP: probe silent peers (SO_KEEPALIVE). Default: no")
    private boolean keepAlive;

    @Option(
            names = "--receive-buffer",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "The kernel's receive buffer (SO_RCVBUF), 0 to 1073741824. Default: 0, the system's own")
    private int receiveBuffer;

    @Option(
            names = "--send-buffer",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "The kernel's send buffer (SO_SNDBUF), 0 to 1073741824. Default: 0, the system's own")
    private int sendBuffer;

    @Option(
            names = "--mode",
            paramLabel = "OCTAL",
            converter = OctalMode.class,
            description = "Unix sockets with a path: permissions of the socket file, such as 660. "
                    + "Default: what the umask leaves")
    private OctalMode.@Nullable Permissions mode;

    /**
     * Adds these options.
     *
     * @throws IllegalArgumentException if a value is out of bounds, or the transport has no use for a mode
     */
    void applyTo(ServerOptions.Builder options, Transport transport) {
        options.name(name)
                .reusePort(reusePort)
                .dualStack(dualStack)
                .noDelay(noDelay)
                .keepAlive(keepAlive);
        OptionValue.of("--poll-interval", () -> options.pollInterval(pollInterval));
        OptionValue.of("--backlog", () -> options.backlog(backlog));
        OptionValue.of("--receive-buffer", () -> options.receiveBufferSize(receiveBuffer));
        OptionValue.of("--send-buffer", () -> options.sendBufferSize(sendBuffer));
        if (reuseAddress != null) {
            options.reuseAddress(reuseAddress);
        }
        if (mode != null) {
            if (!transport.isUnix()) {
                throw new IllegalArgumentException("--mode is for socket files; " + transport.word() + " has none");
            }
            options.socketFileMode(mode.set());
        }
    }
}
