package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;
import org.socketserver.tls.Tls;
import org.socketserver.tls.TlsPeer;

/** Clients with the TLS of OpenSSL, GnuTLS and Python. */
class TlsInteroperationTest {
    /** Answers one line with what TLS has found out, and ends. */
    public static final class Once extends StreamRequestHandler {
        @Override
        public void handle() throws IOException {
            String line = String.valueOf(readLine());
            TlsPeer peer = request().attribute(TlsPeer.class).orElseThrow();
            writeLine(line.toUpperCase(Locale.ROOT) + " " + peer.protocol() + " "
                    + peer.name().orElse("nobody") + " " + peer.alpn().orElse("no protocol") + " "
                    + peer.sni().orElse("no name"));
        }
    }

    /** Enough of SMTP (RFC 3207) for a client that wants STARTTLS. */
    public static final class Mail extends StreamRequestHandler {
        private final Tls tls;

        Mail(Tls tls) {
            this.tls = tls;
        }

        @Override
        public void handle() throws IOException {
            writeLine("220 ready\r");
            for (String line = readLine(); line != null; line = readLine()) {
                switch (line.split(" ")[0]) {
                    case "EHLO" -> write("250-localhost\r\n250 STARTTLS\r\n");
                    case "STARTTLS" -> {
                        writeLine("220 go ahead\r");
                        startTls(tls);
                    }
                    default -> {
                        boolean isSafe = request().attribute(TlsPeer.class).isPresent();
                        writeLine("221 " + line + (isSafe ? " over TLS\r" : " in plain text\r"));
                        return;
                    }
                }
            }
        }
    }

    @TempDir
    private Path folder = Path.of("");

    private Tls tls;

    @BeforeEach
    void makeCertificates() throws IOException {
        Certificates authority = Certificates.authority("authority").write(folder, "authority");
        authority.issue("localhost").write(folder, "server");
        authority.issue("b.example").write(folder, "b");
        authority.issue("alice").write(folder, "alice");
        tls = Tls.of(file("server.pem"), file("server.key"));
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private TcpServer serving(Tls layer) throws IOException {
        TcpServer server = new TcpServer(new InetSocketAddress("127.0.0.1", 0), Once.class);
        server.layer(layer);
        server.mixIn(new ThreadingMixIn());
        server.start();
        return server;
    }

    /** Sends a line with {@code openssl s_client} and returns all that it prints. */
    private String openssl(TcpServer server, String options) throws Exception {
        Tools.require("openssl");
        return Tools.bash("cd " + folder + "; echo hello | openssl s_client -connect 127.0.0.1:"
                + server.address().getPort()
                + " -servername localhost -CAfile authority.pem -verify_return_error -ign_eof " + options + " 2>&1");
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, TLSv1.2", "-tls1_3, TLSv1.3"})
    void opensslTalksInBothVersions(String option, String version) throws Exception {
        try (TcpServer server = serving(tls)) {
            String output = openssl(server, option);
            assertTrue(output.contains("HELLO " + version + " nobody no protocol localhost\n"), output);
            assertTrue(output.contains("Verify return code: 0 (ok)"), output);
        }
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, TLSv1.2", "-tls1_3, TLSv1.3"})
    void opensslResumesItsSession(String option, String version) throws Exception {
        try (TcpServer server = serving(tls)) {
            String first = openssl(server, option + " -sess_out session");
            assertTrue(first.contains("New, " + version), first);
            String second = openssl(server, option + " -sess_in session");
            assertTrue(second.contains("Reused, " + version), second);
            assertTrue(second.contains("HELLO " + version), second);
        }
    }

    @Test
    void opensslSendsACertificateAndChoosesAProtocolAndAName() throws Exception {
        Tls all = tls.clients(Tls.Clients.REQUIRED, file("authority.pem"))
                .alpn("chat/2", "chat/1")
                .sni("b.example", file("b.pem"), file("b.key"));
        try (TcpServer server = serving(all)) {
            String output =
                    openssl(server, "-servername b.example -cert alice.pem -key alice.key -alpn other,chat/1,chat/2");
            assertTrue(output.contains("HELLO TLSv1.3 CN=alice chat/2 b.example\n"), output);
            assertTrue(output.contains("subject=CN = b.example") || output.contains("subject=CN=b.example"), output);
        }
    }

    @Test
    void opensslStartsTlsInTheMiddleOfAConnection() throws Exception {
        try (TcpServer server = new TcpServer(new InetSocketAddress("127.0.0.1", 0), () -> new Mail(tls))) {
            server.mixIn(new ThreadingMixIn());
            server.start();
            String output = openssl(server, "-starttls smtp");
            assertTrue(output.contains("221 hello over TLS"), output);
        }
    }

    @Test
    void opensslIsRefusedWithOldVersions() throws Exception {
        try (TcpServer server = serving(tls)) {
            Tools.require("openssl");
            String output = Tools.bash("openssl s_client -connect 127.0.0.1:"
                    + server.address().getPort() + " -tls1_1 -cipher DEFAULT@SECLEVEL=0 < /dev/null 2>&1 || true");
            assertTrue(output.contains("alert protocol version") || output.contains("no protocols available"), output);
        }
    }

    @Test
    void gnutlsTalks() throws Exception {
        Tools.require("gnutls-cli");
        try (TcpServer server = serving(tls)) {
            String output = Tools.bash("echo hello | gnutls-cli --x509cafile " + file("authority.pem") + " --port "
                    + server.address().getPort() + " localhost 2>&1");
            assertTrue(output.contains("HELLO TLSv1.3 nobody no protocol localhost\n"), output);
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1_2, TLSv1.2", "TLSv1_3, TLSv1.3"})
    void pythonTalksInBothVersions(String option, String version) throws Exception {
        String program = """
                import ssl
                context = ssl.create_default_context(cafile=sys.argv[2])
                context.minimum_version = context.maximum_version = ssl.TLSVersion.%s
                plain = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
                with context.wrap_socket(plain, server_hostname='localhost', suppress_ragged_eofs=False) as s:
                    s.sendall(b'hello\\n')
                    answer = b''
                    while part := s.recv(100):
                        answer += part
                    print(answer.decode(), end='')
                """.formatted(option);
        try (TcpServer server = serving(tls)) {
            assertEquals(
                    "HELLO " + version + " nobody no protocol localhost\n",
                    Tools.python(
                            program,
                            "" + server.address().getPort(),
                            file("authority.pem").toString()));
        }
    }
}
