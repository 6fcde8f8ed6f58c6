package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.examples.CommandProcess;
import org.socketserver.examples.TestCertificate;
import org.socketserver.examples.Tools;

/** {@code serve} and {@code talk} over TLS, in processes of their own. */
class TlsProcessTest {
    @TempDir
    private Path folder;

    private CommandProcess serve(Transport transport, String... options) throws IOException {
        List<String> args = new ArrayList<>(List.of("serve", transport.toString()));
        args.add(transport.isUnix() ? folder.resolve("s").toString() : "127.0.0.1:0");
        args.addAll(List.of(options));
        return CommandProcess.start(args.toArray(String[]::new));
    }

    /** Starts a server with a certificate for localhost. The file of its authority is {@code ca.pem}. */
    private CommandProcess serveCertified(Transport transport, String... options) throws Exception {
        TestCertificate authority = TestCertificate.authority("authority");
        authority.write(folder, "ca");
        authority.issueLocal("localhost").write(folder, "server");
        List<String> args = new ArrayList<>(List.of("--tls-cert", file("server.pem"), "--tls-key", file("server.key")));
        args.addAll(List.of(options));
        return serve(transport, args.toArray(String[]::new));
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private static String port(String address) {
        return address.substring(address.lastIndexOf(':') + 1);
    }

    private static CommandProcess talk(String transport, String address, String... options) throws IOException {
        List<String> args = new ArrayList<>(List.of("talk", transport, address, "--tls"));
        args.addAll(List.of(options));
        return CommandProcess.start(args.toArray(String[]::new));
    }

    private static void assertAnswered(CommandProcess talk) throws Exception {
        talk.type("one\n");
        assertEquals("ONE", talk.line());
        talk.type("two");
        talk.endInput();
        talk.assertEnds(0);
        assertEquals(List.of("TWO"), talk.remainingLines());
    }

    private Client connect(Transport transport, String address) throws Exception {
        Trust trust = Trust.of(folder.resolve("ca.pem"));
        return Client.connect(transport, address, trust, Client.PATIENCE);
    }

    @ParameterizedTest
    @EnumSource(names = {"TCP", "UNIX"})
    void bothSidesPrintTheFingerprintOfASelfSignedCertificate(Transport transport) throws Exception {
        try (var server = serve(transport, "--handler=upper", "--tls-self-signed");
                var talk = talk(transport.toString(), server.readyAddress(transport.toString()), "--insecure")) {
            assertAnswered(talk);
            server.signal("TERM");
            server.assertEnds(0);
            String made = "self-signed certificate for localhost, 127.0.0.1 and ::1, valid for 30 days: ";
            assertTrue(server.errors().startsWith(made), server.errors());
            assertEquals(
                    "the server's certificate is not checked: "
                            + server.errors().substring(made.length()),
                    talk.errors());
            assertTrue(talk.errors().strip().matches(".*: SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}"), talk.errors());
        }
    }

    @Test
    void aSelfSignedCertificateIsForLocalhostAndItsAddresses() throws Exception {
        try (var server = serve(Transport.TCP, "--tls-self-signed")) {
            String address = server.readyAddress("tcp");
            Trust trust = Trust.ofEverybody(line -> {});
            try (SSLSocket socket = (SSLSocket)
                    trust.context().getSocketFactory().createSocket("127.0.0.1", Integer.parseInt(port(address)))) {
                var certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
                assertEquals(
                        List.of("2 localhost", "7 127.0.0.1", "7 0:0:0:0:0:0:0:1"),
                        certificate.getSubjectAlternativeNames().stream()
                                .map(name -> name.get(0) + " " + name.get(1))
                                .toList());
                assertEquals("EC", certificate.getPublicKey().getAlgorithm());
                Instant end = certificate.getNotAfter().toInstant();
                assertTrue(end.isAfter(Instant.now().plus(29, ChronoUnit.DAYS)), end.toString());
                assertTrue(end.isBefore(Instant.now().plus(31, ChronoUnit.DAYS)), end.toString());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TCP", "UNIX"})
    void talkAcceptsACertificateOfItsAuthority(Transport transport) throws Exception {
        try (var server = serveCertified(transport, "--handler=upper");
                var talk =
                        talk(transport.toString(), server.readyAddress(transport.toString()), "--ca", file("ca.pem"))) {
            assertAnswered(talk);
            assertEquals("", talk.errors());
        }
    }

    private static void assertRefused(String reason, CommandProcess talk) throws Exception {
        talk.assertEnds(2);
        String errors = talk.errors();
        assertEquals(1, errors.lines().count(), errors);
        assertTrue(errors.contains(reason), errors);
    }

    @ParameterizedTest
    @EnumSource(names = {"TCP", "UNIX"})
    void talkRefusesACertificateOfAnotherAuthority(Transport transport) throws Exception {
        TestCertificate.authority("other").write(folder, "other");
        try (var server = serveCertified(transport)) {
            String address = server.readyAddress(transport.toString());
            String reason = "examples/run talk: can't connect to " + transport + " " + address
                    + ": the server's certificate is refused: PKIX path building failed: unable to find valid"
                    + " certification path to requested target";
            assertRefused(reason, talk(transport.toString(), address, "--ca", file("other.pem")));
            assertRefused(reason, talk(transport.toString(), address));
        }
    }

    @Test
    void talkRefusesACertificateOfAnotherHost() throws Exception {
        TestCertificate authority = TestCertificate.authority("authority");
        authority.write(folder, "ca");
        authority.issue("other.example").write(folder, "server");
        try (var server = serve(Transport.TCP, "--tls-cert", file("server.pem"), "--tls-key", file("server.key"))) {
            String address = "localhost:" + port(server.readyAddress("tcp"));
            assertRefused(
                    "the server's certificate is refused: No subject alternative DNS name matching localhost found",
                    talk("tcp", address, "--ca", file("ca.pem")));
        }
    }

    @Test
    void talkReportsAServerThatDoesNotSpeakTls() throws Exception {
        try (var listener = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            CommandProcess talk = talk("tcp", "127.0.0.1:" + listener.getLocalPort());
            try (Socket plain = listener.accept()) {
                plain.getOutputStream().write("220 ready\r\n".getBytes(StandardCharsets.US_ASCII));
                assertRefused("Unsupported or unrecognized SSL message", talk);
            }
        }
    }

    @Test
    void talkReportsAServerThatSaysNothing() throws Exception {
        try (var silent = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            assertRefused("timed out", talk("tcp", "127.0.0.1:" + silent.getLocalPort(), "--timeout", "200ms"));
        }
    }

    @Test
    void talkReportsAnEndWithoutCloseNotify() throws Exception {
        try (var listener = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
                var talk = talk("tcp", "127.0.0.1:" + listener.getLocalPort(), "--insecure");
                Socket plain = listener.accept()) {
            var socket =
                    (SSLSocket) SelfSigned.make().context().getSocketFactory().createSocket(plain, "client", 0, false);
            socket.setUseClientMode(false);
            socket.getOutputStream().write("half\n".getBytes(StandardCharsets.US_ASCII));
            assertEquals("half", talk.line());
            plain.shutdownOutput();
            talk.assertEnds(1);
            assertTrue(talk.errors().contains("examples/run talk: connection lost: "), talk.errors());
        }
    }

    /** {@code talk} waits for answers with short time-outs. */
    @Test
    void aTimeOutInTheMiddleOfARecordLosesNothing() throws Exception {
        var isSlow = new AtomicBoolean();
        var permits = new Semaphore(0);
        try (var server = serveCertified(Transport.TCP, "--handler=upper");
                var relay = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            int target = Integer.parseInt(port(server.readyAddress("tcp")));
            Thread forward = new Thread(() -> {
                try (Socket near = relay.accept();
                        Socket far = new Socket("127.0.0.1", target)) {
                    Thread back = new Thread(() -> {
                        try {
                            for (int next = far.getInputStream().read();
                                    next >= 0;
                                    next = far.getInputStream().read()) {
                                if (isSlow.get()) {
                                    permits.acquireUninterruptibly();
                                }
                                near.getOutputStream().write(next);
                            }
                        } catch (IOException closed) {
                            // The client has left.
                        }
                    });
                    back.setDaemon(true);
                    back.start();
                    near.getInputStream().transferTo(far.getOutputStream());
                } catch (IOException closed) {
                    // The client has left.
                }
            });
            forward.setDaemon(true);
            forward.start();
            try (Client client = connect(Transport.TCP, "127.0.0.1:" + relay.getLocalPort())) {
                isSlow.set(true);
                client.send("hello\n".getBytes(StandardCharsets.US_ASCII));
                Optional<byte[]> answer = Optional.empty();
                while (answer.isEmpty()) {
                    permits.release();
                    answer = client.receive(Duration.ofMillis(1));
                }
                assertEquals("HELLO\n", new String(answer.get(), StandardCharsets.US_ASCII));
            } finally {
                permits.release(1_000);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"descriptor", "relay"})
    void workerProcessesSpeakTls(String handOver) throws Exception {
        try (var server =
                serveCertified(Transport.TCP, "--handler=pid", "--mixin=forking", "--hand-over=" + handOver)) {
            String address = server.readyAddress("tcp");
            try (Client one = connect(Transport.TCP, address);
                    Client other = connect(Transport.TCP, address)) {
                String pid = one.ask("who?");
                assertTrue(ProcessHandle.of(Long.parseLong(pid)).isPresent(), pid);
                assertNotEquals(pid, other.ask("who?"));
            }
        }
    }

    @Test
    void openSslSpeaksWithTheServer() throws Exception {
        Tools.require("openssl");
        try (var server = serveCertified(Transport.TCP, "--handler=line", "--alpn=chat/2", "--alpn=chat/1")) {
            String output = Tools.bash(
                    "echo hello | timeout 20 openssl s_client -ign_eof -connect \"$1\" -CAfile \"$2\""
                            + " -verify_return_error -verify_hostname localhost -alpn chat/1,chat/2",
                    server.readyAddress("tcp"),
                    file("ca.pem"));
            assertTrue(output.contains("\nhello\n"), output);
            assertTrue(output.contains("ALPN protocol: chat/2\n"), output);
            assertTrue(output.contains("Verification: OK\n"), output);
        }
    }

    @Test
    void gnuTlsAndSocatSpeakWithTheServer() throws Exception {
        Tools.require("gnutls-cli");
        Tools.require("socat");
        try (var server = serveCertified(Transport.TCP, "--handler=line")) {
            String address = server.readyAddress("tcp");
            String gnu = Tools.bash(
                    "echo hello | timeout 20 gnutls-cli --x509cafile \"$2\" -p \"$1\" localhost",
                    port(address),
                    file("ca.pem"));
            assertTrue(gnu.contains("\nhello\n"), gnu);
            assertEquals(
                    "hello\n",
                    Tools.bash(
                            "echo hello | socat -t 5 - openssl:localhost:$1,cafile=\"$2\",pf=ip4",
                            port(address),
                            file("ca.pem")));
        }
    }

    @Test
    void onlyClientsWithACertificateOfTheAuthorityAreServed() throws Exception {
        Tools.require("openssl");
        TestCertificate clients = TestCertificate.authority("clients");
        clients.write(folder, "clients");
        clients.issue("alice").write(folder, "alice");
        try (var server = serveCertified(Transport.TCP, "--handler=line", "--tls-client-ca", file("clients.pem"))) {
            String address = server.readyAddress("tcp");
            String output = Tools.bash(
                    "echo hello | timeout 20 openssl s_client -ign_eof -quiet -connect \"$1\" -CAfile \"$2\""
                            + " -cert \"$3.pem\" -key \"$3.key\"",
                    address,
                    file("ca.pem"),
                    file("alice"));
            assertTrue(output.endsWith("hello\n"), output);
            try (var talk = talk("tcp", address, "--ca", file("ca.pem"))) {
                talk.assertEnds(1);
                assertTrue(talk.errors().contains("connection lost: "), talk.errors());
                assertTrue(talk.errors().contains("certificate"), talk.errors());
            }
        }
    }

    @Test
    void theKeyCanBeEncrypted() throws Exception {
        Tools.require("openssl");
        TestCertificate authority = TestCertificate.authority("authority");
        authority.write(folder, "ca");
        authority.issueLocal("localhost").write(folder, "server");
        Tools.bash(
                "openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:secret -in \"$1/server.key\" -out \"$1/e.key\""
                        + " && rm \"$1/server.key\"",
                folder.toString());
        Files.writeString(folder.resolve("password"), "secret\n");
        try (var server = serve(
                        Transport.TCP,
                        "--tls-cert",
                        file("server.pem"),
                        "--tls-key",
                        file("e.key"),
                        "--tls-password-file",
                        file("password"));
                Client client = connect(Transport.TCP, server.readyAddress("tcp"))) {
            assertEquals("hello", client.ask("hello"));
        }
    }

    @Test
    void newConnectionsUseReplacedFiles() throws Exception {
        try (var server = serveCertified(Transport.TCP, "--tls-reload=1ms")) {
            String address = server.readyAddress("tcp");
            try (Client old = connect(Transport.TCP, address)) {
                assertEquals("hello", old.ask("hello"));
                TestCertificate other = TestCertificate.authority("other");
                other.issueLocal("localhost").write(folder, "server");
                Thread.sleep(2);
                assertThrows(IOException.class, () -> connect(Transport.TCP, address));
                other.write(folder, "ca");
                try (Client young = connect(Transport.TCP, address)) {
                    assertEquals("hello", young.ask("hello"));
                }
                assertEquals("still here", old.ask("still here"));
            }
        }
    }

    @Test
    void theProxyHeaderPrecedesTls() throws Exception {
        try (var server = serveCertified(
                Transport.TCP, "--handler=line", "--proxy-from=127.0.0.1", "--log-requests", "--alpn=chat/1")) {
            String address = server.readyAddress("tcp");
            try (Socket plain = new Socket("127.0.0.1", Integer.parseInt(port(address)))) {
                plain.getOutputStream()
                        .write("PROXY TCP4 192.0.2.1 192.0.2.2 1000 8087\r\n".getBytes(StandardCharsets.US_ASCII));
                Trust trust = Trust.of(folder.resolve("ca.pem"));
                var socket = (SSLSocket) trust.context().getSocketFactory().createSocket(plain, "localhost", 0, true);
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setApplicationProtocols(new String[] {"chat/1"});
                socket.setSSLParameters(parameters);
                socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
                assertEquals("hello\n", new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
                assertEquals("chat/1", socket.getApplicationProtocol());
            }
            server.awaitError("192.0.2.1:1000");
        }
    }

    @Test
    void aClientWithoutACommonProtocolIsRefused() throws Exception {
        try (var server = serveCertified(Transport.TCP, "--alpn=chat/1")) {
            Trust trust = Trust.of(folder.resolve("ca.pem"));
            try (SSLSocket socket = (SSLSocket) trust.context()
                    .getSocketFactory()
                    .createSocket("127.0.0.1", Integer.parseInt(port(server.readyAddress("tcp"))))) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setApplicationProtocols(new String[] {"other"});
                socket.setSSLParameters(parameters);
                assertThrows(SSLHandshakeException.class, socket::startHandshake);
            }
        }
    }
}
