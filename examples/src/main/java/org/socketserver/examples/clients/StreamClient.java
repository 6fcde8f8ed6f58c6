package org.socketserver.examples.clients;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.socketserver.examples.servers.HostPort;
import org.socketserver.examples.servers.Transport;

/** A connection to a stream server. One thread may send while another receives, on platform threads. */
public final class StreamClient implements Client {
    private final SocketChannel channel;
    private final ByteBuffer received = ByteBuffer.allocate(8192).limit(0);

    private StreamClient(SocketChannel channel) {
        this.channel = channel;
    }

    /**
     * Connects.
     *
     * @param transport a stream transport
     * @param address as the server writes it
     * @return the connection
     * @throws IOException if there is no server
     */
    public static StreamClient connect(Transport transport, String address) throws IOException {
        try {
            return new StreamClient(open(transport, address));
        } catch (IOException failure) {
            throw new IOException(
                    "can't connect to " + transport.word() + " " + address + ": " + failure.getMessage(), failure);
        }
    }

    private static SocketChannel open(Transport transport, String address) throws IOException {
        if (transport == Transport.TCP) {
            SocketChannel channel = SocketChannel.open(HostPort.parse(address));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            return channel;
        }
        // The JDK knows no abstract names.
        return address.startsWith("@")
                ? AFUNIXSocketChannel.open(AFUNIXSocketAddress.inAbstractNamespace(address.substring(1)))
                : SocketChannel.open(UnixDomainSocketAddress.of(address));
    }

    /**
     * Sends all the bytes.
     *
     * @param bytes the bytes; consumed
     * @throws IOException if the connection is lost
     */
    public void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /**
     * Ends the output; the server reads the end of input, and can still answer.
     *
     * @throws IOException if the connection is lost
     */
    public void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    /**
     * Waits for bytes.
     *
     * @return at least one byte, to be read before the next call; none at the end
     * @throws IOException if the connection is lost
     */
    public ByteBuffer receive() throws IOException {
        if (!received.hasRemaining()) {
            received.clear();
            channel.read(received);
            received.flip();
        }
        return received;
    }

    @Override
    public String ask(String line) throws IOException {
        send(StandardCharsets.UTF_8.encode(line + "\n"));
        var answer = new ByteArrayOutputStream();
        while (receive().hasRemaining()) {
            byte next = received.get();
            if (next == '\n') {
                return answer.toString(StandardCharsets.UTF_8);
            }
            answer.write(next);
        }
        throw new EOFException("the server ended the connection without an answer");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
