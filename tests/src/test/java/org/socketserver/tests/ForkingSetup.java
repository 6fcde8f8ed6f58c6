package org.socketserver.tests;

import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.HandOver;

/** A transport and its hand-over to workers. */
enum ForkingSetup {
    TCP_DESCRIPTOR(Transport.TCP, HandOver.DESCRIPTOR),
    TCP_RELAY(Transport.TCP, HandOver.RELAY),
    UNIX_DESCRIPTOR(Transport.UNIX, HandOver.DESCRIPTOR),
    UNIX_RELAY(Transport.UNIX, HandOver.RELAY),
    UDP(Transport.UDP, HandOver.AUTO),
    UNIX_DATAGRAM(Transport.UNIX_DATAGRAM, HandOver.AUTO);

    private final Transport transport;
    private final HandOver handOver;

    ForkingSetup(Transport transport, HandOver handOver) {
        this.transport = transport;
        this.handOver = handOver;
    }

    /** Returns all setups with {@code -Pexhaustive}, otherwise three that cover every kind of hand-over. */
    static Stream<ForkingSetup> each() {
        return Setup.EXHAUSTIVE ? Stream.of(values()) : Stream.of(TCP_DESCRIPTOR, UNIX_RELAY, UDP);
    }

    /** Returns the stream setups of {@link #each()}. */
    static Stream<ForkingSetup> eachStream() {
        return each().filter(ForkingSetup::isStream);
    }

    /** Returns the setup whose workers start fastest, or {@link #each()} with {@code -Pexhaustive}. */
    static Stream<ForkingSetup> first() {
        return Setup.EXHAUSTIVE ? each() : Stream.of(TCP_RELAY);
    }

    /** Returns the stream setups of {@link #first()}. */
    static Stream<ForkingSetup> firstStream() {
        return first().filter(ForkingSetup::isStream);
    }

    Transport transport() {
        return transport;
    }

    boolean isStream() {
        return transport.isStream();
    }

    boolean isRelay() {
        return handOver == HandOver.RELAY;
    }

    /** Returns an unbound server whose handlers run in workers. */
    ForkedServer server(Class<? extends RequestHandler<Request>> handler, UnaryOperator<ForkingMixIn> settings) {
        return server(handler, settings, ServerOptions.DEFAULTS);
    }

    /** Returns such a server with other options. */
    ForkedServer server(
            Class<? extends RequestHandler<Request>> handler,
            UnaryOperator<ForkingMixIn> settings,
            ServerOptions options) {
        Hooks hooks = new Hooks();
        ForkingMixIn workers = settings.apply(new ForkingMixIn().handOver(handOver));
        return new ForkedServer(transport, make(handler, options, hooks), workers, hooks);
    }

    private BaseServer<?> make(Class<? extends RequestHandler<Request>> handler, ServerOptions options, Hooks hooks) {
        return switch (transport) {
            case TCP -> new RecordingTcpServer(Transport.LOOPBACK, HandlerSource.ofClass(handler), options, hooks);
            case UDP -> new RecordingUdpServer(Transport.LOOPBACK, HandlerSource.ofClass(handler), options, hooks);
            case UNIX ->
                new RecordingUnixStreamServer(SocketNames.path(), HandlerSource.ofClass(handler), options, hooks);
            case UNIX_DATAGRAM ->
                new RecordingUnixDatagramServer(SocketNames.path(), HandlerSource.ofClass(handler), options, hooks);
            default -> throw new IllegalArgumentException(transport.toString());
        };
    }
}
