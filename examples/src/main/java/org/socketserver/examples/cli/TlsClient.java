package org.socketserver.examples.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.newsclub.net.unix.AFUNIXSocket;

/** A client over TLS 1.2 or 1.3, on a TCP or Unix socket. */
final class TlsClient extends Client {
    static {
        // By default the JDK reads an end without close_notify as an ordinary end.
        System.setProperty("com.sun.net.ssl.requireCloseNotify", "true");
    }

    private final SSLSocket socket;
    private final byte[] buffer = new byte[1 << 14];

    private TlsClient(SSLSocket socket) {
        super(true);
        this.socket = socket;
    }

    /**
     * Connects and does the handshake. Over TCP the certificate must be for the host of the address; the address of a
     * Unix socket has no host.
     *
     * @param timeout the longest wait for the server during the handshake
     */
    static TlsClient open(Transport transport, String address, Trust trust, Duration timeout) throws IOException {
        boolean isUnix = transport.isUnix();
        InetSocketAddress host = isUnix ? InetSocketAddress.createUnresolved("localhost", 0) : resolved(address);
        Socket plain =
                isUnix ? AFUNIXSocket.connectTo(unixAddress(address)) : new Socket(host.getAddress(), host.getPort());
        try {
            plain.setSoTimeout(millis(timeout));
            SSLSocket socket = (SSLSocket)
                    trust.context().getSocketFactory().createSocket(plain, host.getHostString(), host.getPort(), true);
            SSLParameters parameters = socket.getSSLParameters();
            if (trust.isChecked() && !isUnix) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return new TlsClient(socket);
        } catch (IOException failure) {
            plain.close();
            throw explained(failure);
        }
    }

    private static IOException explained(IOException failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                String why = String.valueOf(cause.getMessage()).replaceAll("\\b(\\w+\\.)+\\w+Exception: ", "");
                return new SSLException("the server's certificate is refused: " + why, failure);
            }
        }
        return failure;
    }

    @Override
    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Sends close_notify. With TLS 1.2, the server can't answer afterwards. */
    @Override
    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    Optional<byte[]> receive(Duration timeout) throws IOException {
        // The JDK keeps a part of a record when the time is over.
        socket.setSoTimeout(millis(timeout));
        try {
            int count = socket.getInputStream().read(buffer);
            return Optional.of(Arrays.copyOf(buffer, Math.max(0, count)));
        } catch (SocketTimeoutException nothing) {
            return Optional.empty();
        }
    }

    /** Returns a time-out for a socket, where 0 is no limit. */
    private static int millis(Duration timeout) {
        return (int) Math.max(1, Math.min(timeout.toMillis(), Integer.MAX_VALUE));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
