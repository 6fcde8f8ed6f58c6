package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;
import org.socketserver.tls.Tls;

/** Scanners for weaknesses of TLS find none. */
@Tag("exhaustive")
class TlsScanTest {
    private static final Pattern FINDING = Pattern.compile(
            "\"id\"\\s*:\\s*\"([^\"]*)\".*?\"severity\"\\s*:\\s*\"(HIGH|CRITICAL|FATAL)\"", Pattern.DOTALL);

    @TempDir
    private Path folder = Path.of("");

    private TcpServer server;

    @BeforeEach
    void serve() throws IOException {
        Certificates authority = Certificates.authority("authority").write(folder, "authority");
        authority.issue("localhost").write(folder, "server");
        server = new TcpServer(
                new InetSocketAddress("127.0.0.1", 0),
                request -> request.input().transferTo(request.output()));
        server.layer(Tls.of(folder.resolve("server.pem"), folder.resolve("server.key")));
        server.mixIn(new ThreadingMixIn());
        server.start();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void testsslFindsNothingOfHighSeverity() throws Exception {
        Tools.require("testssl");
        Path report = folder.resolve("report.json");
        Tools.bash("testssl --quiet --color 0 --warnings off --ip 127.0.0.1 --add-ca " + folder.resolve("authority.pem")
                + " --severity HIGH --jsonfile " + report + " localhost:"
                + server.address().getPort() + " < /dev/null || true");
        String findings = Files.readString(report);
        List<String> high = FINDING.matcher(findings)
                .results()
                .map(finding -> finding.group(1) + " " + finding.group(2))
                .toList();
        assertEquals(List.of(), high, findings);
        assertTrue(server.stats().accepted() > 50, "it has tried");
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void sslscanFindsOnlyTls12And13() throws Exception {
        Tools.require("sslscan");
        String output =
                Tools.bash("sslscan --no-colour 127.0.0.1:" + server.address().getPort() + " < /dev/null");
        for (String old : List.of("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1")) {
            assertTrue(
                    Pattern.compile(Pattern.quote(old) + "\\s+disabled")
                            .matcher(output)
                            .find(),
                    output);
        }
        assertTrue(Pattern.compile("TLSv1.2\\s+enabled").matcher(output).find(), output);
        assertTrue(Pattern.compile("TLSv1.3\\s+enabled").matcher(output).find(), output);
        assertFalse(output.contains("CBC3") || output.contains("RC4") || output.contains("NULL"), output);
        assertTrue(output.contains("not vulnerable to heartbleed"), output);
    }
}
