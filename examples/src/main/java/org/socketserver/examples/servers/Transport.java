package org.socketserver.examples.servers;

import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.server.BaseServer;
import org.socketserver.tcp.TcpServer;
import org.socketserver.udp.UdpServer;
import org.socketserver.unix.UnixAddress;
import org.socketserver.unix.UnixDatagramServer;
import org.socketserver.unix.UnixStreamServer;

/** The four transports, chosen by a word. */
public enum Transport {
    /** Connections over IP. */
    TCP("tcp", StreamRequest.class) {
        @Override
        public BaseServer<?> server(String address, Class<?> handler, ServerOptions options) {
            return new TcpServer(HostPort.parse(address), forStreams(handler), options);
        }
    },
    /** Packets over IP. */
    UDP("udp", DatagramRequest.class) {
        @Override
        public BaseServer<?> server(String address, Class<?> handler, ServerOptions options) {
            return new UdpServer(HostPort.parse(address), forDatagrams(handler), options);
        }
    },
    /** Connections on this machine. */
    UNIX("unix", StreamRequest.class) {
        @Override
        public BaseServer<?> server(String address, Class<?> handler, ServerOptions options) {
            return new UnixStreamServer(UnixAddress.parse(address), forStreams(handler), options);
        }
    },
    /** Packets on this machine. */
    UNIX_DATAGRAM("unix-datagram", DatagramRequest.class) {
        @Override
        public BaseServer<?> server(String address, Class<?> handler, ServerOptions options) {
            return new UnixDatagramServer(UnixAddress.parse(address), forDatagrams(handler), options);
        }
    };

    private final String word;
    private final Class<? extends Request> requestType;

    Transport(String word, Class<? extends Request> requestType) {
        this.word = word;
        this.requestType = requestType;
    }

    /**
     * Makes a server that is not bound yet.
     *
     * @param address where to serve: {@code HOST:PORT}, or for Unix sockets a path or {@code @name}
     * @param handler a class that can handle {@link #requestType()}
     * @param options the options
     * @return the server
     * @throws IllegalArgumentException if the address is none, or the class can't be made; the message says why
     */
    public abstract BaseServer<?> server(String address, Class<?> handler, ServerOptions options);

    /**
     * Gives the word for it.
     *
     * @return as {@link org.socketserver.api.Server#transport()} has it
     */
    public String word() {
        return word;
    }

    /**
     * Tells what its handlers get.
     *
     * @return {@link StreamRequest} or {@link DatagramRequest}
     */
    public Class<? extends Request> requestType() {
        return requestType;
    }

    /**
     * Tells whether peers have a connection.
     *
     * @return false for packets
     */
    public boolean isStream() {
        return requestType == StreamRequest.class;
    }

    /**
     * Tells whether servers live on this machine only.
     *
     * @return true for Unix sockets
     */
    public boolean isUnix() {
        return this == UNIX || this == UNIX_DATAGRAM;
    }

    @SuppressWarnings("unchecked")
    private static HandlerSource<StreamRequest> forStreams(Class<?> handler) {
        return HandlerSource.ofClass((Class<? extends RequestHandler<? super StreamRequest>>) handler);
    }

    @SuppressWarnings("unchecked")
    private static HandlerSource<DatagramRequest> forDatagrams(Class<?> handler) {
        return HandlerSource.ofClass((Class<? extends RequestHandler<? super DatagramRequest>>) handler);
    }
}
