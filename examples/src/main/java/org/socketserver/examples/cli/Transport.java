package org.socketserver.examples.cli;

import org.socketserver.api.DatagramRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.server.BaseServer;
import org.socketserver.tcp.TcpServer;
import org.socketserver.udp.UdpServer;
import org.socketserver.unix.UnixDatagramServer;
import org.socketserver.unix.UnixStreamServer;

/** The transports of the command line and the tour. */
enum Transport {
    TCP,
    UDP,
    UNIX,
    UNIX_DATAGRAM;

    /**
     * Creates a server without binding it.
     *
     * @param handler a class that can handle {@link #requestType()}
     * @throws IllegalArgumentException if the address is invalid, or the class cannot be instantiated
     */
    BaseServer<?> server(String address, Class<?> handler, ServerOptions options) {
        return switch (this) {
            case TCP -> new TcpServer(address, typed(handler), options);
            case UDP -> new UdpServer(address, typed(handler), options);
            case UNIX -> new UnixStreamServer(address, typed(handler), options);
            case UNIX_DATAGRAM -> new UnixDatagramServer(address, typed(handler), options);
        };
    }

    @SuppressWarnings("unchecked")
    private static <R extends Request> Class<? extends RequestHandler<? super R>> typed(Class<?> handler) {
        return (Class<? extends RequestHandler<? super R>>) handler;
    }

    /** Returns whether clients have connections; otherwise they send packets. */
    boolean isStream() {
        return this == TCP || this == UNIX;
    }

    /** Returns whether this is a transport over Unix sockets. */
    boolean isUnix() {
        return this == UNIX || this == UNIX_DATAGRAM;
    }

    /** Returns the type of its requests. */
    Class<? extends Request> requestType() {
        return isStream() ? StreamRequest.class : DatagramRequest.class;
    }

    /** Returns the name on the command line, which is {@link org.socketserver.api.Server#transport()}. */
    @Override
    public String toString() {
        return TextValues.word(this);
    }
}
