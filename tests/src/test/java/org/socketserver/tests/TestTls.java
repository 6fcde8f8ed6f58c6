package org.socketserver.tests;

import java.io.IOException;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.socketserver.api.spi.Layer;
import org.socketserver.tls.Tls;

/** The layer of the contract tests, with a certificate that is made when the JVM first needs it, and its clients. */
final class TestTls {
    private static final Certificates AUTHORITY = Certificates.authority("test authority");
    private static final SSLContext SERVER = AUTHORITY.issue("localhost").context();
    private static final SSLContext CLIENT = Certificates.trusting(AUTHORITY);

    private TestTls() {}

    static Layer layer() {
        return Tls.of(SERVER);
    }

    /** Returns a client over a connected socket, which it closes. */
    static SSLSocket client(Socket connected) throws IOException {
        return (SSLSocket) CLIENT.getSocketFactory().createSocket(connected, "localhost", 0, true);
    }
}
