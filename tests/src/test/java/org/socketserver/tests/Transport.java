package org.socketserver.tests;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.unix.UnixAddress;

/** The transports of the contract tests: creates a server and a real client of it. */
enum Transport {
    TCP(true) {
        @Override
        BaseServer<?> server(HandlerSource<?> handlers, ServerOptions options, Hooks hooks) {
            return new RecordingTcpServer(LOOPBACK, of(handlers), options, hooks);
        }

        @Override
        Client client(SocketAddress server) throws IOException {
            return new StreamClient(SocketChannel.open(server));
        }

        @Override
        Client clientOf(String host, SocketAddress server) throws IOException {
            SocketChannel channel = SocketChannel.open().bind(new InetSocketAddress(host, 0));
            channel.connect(server);
            return new StreamClient(channel);
        }
    },
    TCP_TLS(true) {
        @Override
        BaseServer<?> server(HandlerSource<?> handlers, ServerOptions options, Hooks hooks) {
            BaseServer<?> server = TCP.server(handlers, options, hooks);
            server.layer(TestTls.layer());
            return server;
        }

        @Override
        Client client(SocketAddress server) throws IOException {
            return clientOf("127.0.0.1", server);
        }

        @Override
        Client clientOf(String host, SocketAddress server) throws IOException {
            SocketChannel channel = SocketChannel.open().bind(new InetSocketAddress(host, 0));
            channel.connect(server);
            return new StreamClient(channel, TestTls.client(channel.socket()));
        }
    },
    UDP(false) {
        @Override
        BaseServer<?> server(HandlerSource<?> handlers, ServerOptions options, Hooks hooks) {
            return new RecordingUdpServer(LOOPBACK, of(handlers), options, hooks);
        }

        @Override
        Client client(SocketAddress server) throws IOException {
            return clientOf("127.0.0.1", server);
        }

        @Override
        Client clientOf(String host, SocketAddress server) throws IOException {
            DatagramChannel channel = DatagramChannel.open().bind(new InetSocketAddress(host, 0));
            return new DatagramClient(channel, channel.getLocalAddress(), server);
        }
    },
    UNIX(true) {
        @Override
        BaseServer<?> server(HandlerSource<?> handlers, ServerOptions options, Hooks hooks) {
            return new RecordingUnixStreamServer(SocketNames.path(), of(handlers), options, hooks);
        }

        @Override
        Client client(SocketAddress server) throws IOException {
            Path path = ((UnixAddress) server).path().orElseThrow();
            return new StreamClient(SocketChannel.open(UnixDomainSocketAddress.of(path)));
        }
    },
    UNIX_TLS(true) {
        @Override
        BaseServer<?> server(HandlerSource<?> handlers, ServerOptions options, Hooks hooks) {
            BaseServer<?> server = UNIX.server(handlers, options, hooks);
            server.layer(TestTls.layer());
            return server;
        }

        @Override
        Client client(SocketAddress server) throws IOException {
            AFUNIXSocketChannel channel = SocketNames.channel((UnixAddress) server);
            return new StreamClient(channel, TestTls.client(channel.socket()));
        }
    },
    UNIX_ABSTRACT(true) {
        @Override
        BaseServer<?> server(HandlerSource<?> handlers, ServerOptions options, Hooks hooks) {
            return new RecordingUnixStreamServer(SocketNames.abstractName(), of(handlers), options, hooks);
        }

        @Override
        Client client(SocketAddress server) throws IOException {
            return new StreamClient(SocketNames.channel((UnixAddress) server));
        }

        @Override
        boolean isAvailable() {
            return LINUX;
        }
    },
    UNIX_DATAGRAM(false) {
        @Override
        BaseServer<?> server(HandlerSource<?> handlers, ServerOptions options, Hooks hooks) {
            return new RecordingUnixDatagramServer(SocketNames.path(), of(handlers), options, hooks);
        }

        @Override
        Client client(SocketAddress server) throws IOException {
            return SocketNames.datagramClient(SocketNames.path(), (UnixAddress) server);
        }
    },
    UNIX_DATAGRAM_ABSTRACT(false) {
        @Override
        BaseServer<?> server(HandlerSource<?> handlers, ServerOptions options, Hooks hooks) {
            return new RecordingUnixDatagramServer(SocketNames.abstractName(), of(handlers), options, hooks);
        }

        @Override
        Client client(SocketAddress server) throws IOException {
            return SocketNames.datagramClient(SocketNames.abstractName(), (UnixAddress) server);
        }

        @Override
        boolean isAvailable() {
            return LINUX;
        }
    };

    private static final boolean LINUX = System.getProperty("os.name").startsWith("Linux");

    static final InetSocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 0);

    private final boolean stream;

    Transport(boolean stream) {
        this.stream = stream;
    }

    boolean isStream() {
        return stream;
    }

    boolean isAvailable() {
        return true;
    }

    /** Returns an unbound server with an address of its own. */
    abstract BaseServer<?> server(HandlerSource<?> handlers, ServerOptions options, Hooks hooks);

    /** Returns such a server with handlers from a factory. */
    final BaseServer<?> server(
            Supplier<? extends RequestHandler<Request>> handlers, ServerOptions options, Hooks hooks) {
        return server(HandlerSource.<Request>ofFactory(handlers::get), options, hooks);
    }

    /**
     * Casts a source to this transport's requests. A test that passes handlers of another transport fails with a
     * ClassCastException.
     */
    @SuppressWarnings("unchecked")
    private static <R extends Request> HandlerSource<R> of(HandlerSource<?> handlers) {
        return (HandlerSource<R>) handlers;
    }

    /** Returns a client that is connected, or bound to an address that can receive replies. */
    abstract Client client(SocketAddress server) throws IOException;

    /** Returns whether clients have IP addresses. */
    boolean isInternet() {
        return this == TCP || this == TCP_TLS || this == UDP;
    }

    /** Returns whether connections are encrypted. */
    boolean isTls() {
        return this == TCP_TLS || this == UNIX_TLS;
    }

    /** Returns a client that is bound to the given IP address. */
    Client clientOf(String host, SocketAddress server) throws IOException {
        throw new UnsupportedOperationException(this + " has no IP addresses: " + host + ", " + server);
    }
}
