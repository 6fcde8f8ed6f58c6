package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.examples.demos.Shout;
import org.socketserver.examples.demos.UdpEcho;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadKind;
import picocli.CommandLine;

class MessagesTest {
    @TempDir
    private Path folder;

    private static void assertRefused(String message, String... args) {
        var err = new StringWriter();
        int status = Main.commandLine().setErr(new PrintWriter(err, true)).execute(args);
        assertEquals(message + System.lineSeparator(), err.toString());
        assertEquals(2, status);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "serve|Missing required parameter: 'ADDRESS' (try --help)",
                "serve sctp x|Invalid value for TRANSPORT: 'sctp' is not one of tcp, udp, unix," + " unix-datagram",
                "serve tcp 127.0.0.1|the address 127.0.0.1 has no port number; write HOST:PORT with a port from 0 to"
                        + " 65535",
                "serve tcp 127.0.0.1:99999|the address 127.0.0.1:99999 has port 99999; it must be from 0 to 65535",
                "talk tcp 127.0.0.1:abc|the address 127.0.0.1:abc has no port number; write HOST:PORT with a port from"
                        + " 0 to 65535",
                "serve tcp :0 --grace 5x|Invalid value for option '--grace': '5x' is not a time; write 500ms, 5s, 2m,"
                        + " 1h, or a number of seconds (try --help)",
                "serve tcp :0 --backlog 0|Invalid value for option '--backlog': it is 0 connections; it must be from 1"
                        + " to 65535 connections",
                "serve tcp :0 --age-jitter 101|Invalid value for option '--age-jitter': it is 101 percent; it"
                        + " must be from 0 to 100 percent",
                "serve tcp :0 --poll-interval 0|Invalid value for option '--poll-interval': it is 0 ms; it"
                        + " must be 1 ms or more",
                "serve udp :0 --max-datagram 0|Invalid value for option '--max-datagram': it is 0 bytes; it"
                        + " must be from 1 to 16777216 bytes",
                "serve tcp :0 --receive-buffer -1|Invalid value for option '--receive-buffer': it is -1"
                        + " bytes; it must be from 0 to 1073741824 bytes",
                "serve tcp :0 --send-buffer -1|Invalid value for option '--send-buffer': it is -1 bytes; it"
                        + " must be from 0 to 1073741824 bytes",
                "serve tcp :0 --per-client -1|Invalid value for option '--per-client': it is -1 requests; it must"
                        + " be from 0 to 1000000 requests",
                "serve tcp :0 --per-client 5 --per-client-prefix 129|Invalid value for option '--per-client-prefix':"
                        + " it is 129 bits; it must be from 1 to 128 bits",
                "serve tcp :0 --per-client-prefix 64|--per-client-prefix has no meaning without --per-client",
                "serve tcp :0 --accept-rate -1|Invalid value for option '--accept-rate': it is -1 requests a"
                        + " second; it must be from 0 to 1000000 requests a second",
                "serve tcp :0 --accept-rate 1000001|Invalid value for option '--accept-rate': it is 1000001"
                        + " requests a second; it must be from 0 to 1000000 requests a second",
                "serve tcp :0 --accept-rate 5 --accept-burst 0|Invalid value for option '--accept-burst': it is 0"
                        + " requests; it must be from 1 to 1000000 requests",
                "serve tcp :0 --accept-burst 5|--accept-burst has no meaning without --accept-rate",
                "serve tcp :0 --when-full close|Invalid value for option '--when-full': 'close' is not one of wait,"
                        + " reject, answer:TEXT",
                "serve tcp :0 --allow 10.0.0.1/8|Invalid value for option '--allow': the network 10.0.0.1/8 has"
                        + " bits beyond its prefix; write 10.0.0.0/8",
                "serve tcp :0 --deny user:root|Invalid value for option '--deny': user:root is for unix, not for tcp",
                "serve unix x --allow ::1|Invalid value for option '--allow': ::1 is for tcp and udp, not for unix",
                "serve unix-datagram x --deny user:root|Invalid value for option '--deny': user:root is for unix, not"
                        + " for unix-datagram",
                "serve tcp :0 --stats 0|Invalid value for option '--stats': it is 0 ms; it must be 1 ms or more",
                "serve tcp :0 --jfr /nowhere/x.jfr|Invalid value for option '--jfr': can't write /nowhere/x.jfr: its"
                        + " folder does not exist",
                "serve tcp :0 --jfr /|Invalid value for option '--jfr': can't write /: Is a directory",
                "serve tcp :0 --max-concurrent 0|Invalid value for option '--max-concurrent': it is 0 requests; it must"
                        + " be 1 request or more",
                "serve tcp :0 --mixin none --max-concurrent 5|--max-concurrent has no meaning with --mixin none; it"
                        + " needs --mixin threading",
                "serve tcp :0 --mixin fibers|Invalid value for option '--mixin': 'fibers' is not one of none,"
                        + " threading, forking (try --help)",
                "serve tcp :0 --mixin forking --max-concurrent 5|--max-concurrent has no meaning with --mixin forking,"
                        + " where it is --max-children",
                "serve tcp :0 --mixin forking --threads virtual|--threads has no meaning with --mixin forking; it needs"
                        + " --mixin threading",
                "serve tcp :0 --max-children 5|--max-children has no meaning with --mixin threading; it needs --mixin"
                        + " forking",
                "serve tcp :0 --mixin none --worker-option -Xmx1g|--worker-option has no meaning with --mixin none; it"
                        + " needs --mixin forking",
                "serve tcp :0 --mixin forking --max-children 0|Invalid value for option '--max-children': it is"
                        + " 0 requests; it must be 1 request or more",
                "serve tcp :0 --mixin forking --min-idle -1|Invalid value for option '--min-idle': it is -1 workers;"
                        + " it must be 0 workers or more",
                "serve tcp :0 --mixin forking --requests-per-child -1|Invalid value for option '--requests-per-child':"
                        + " it is -1 requests; it must be 0 requests or more",
                "serve tcp :0 --mixin forking --requests-per-child-jitter 1|--requests-per-child-jitter has no meaning"
                        + " without --requests-per-child",
                "serve tcp :0 --mixin forking --heartbeat-timeout 9ms|Invalid value for option '--heartbeat-timeout':"
                        + " it is 9 ms; it must be 1000 ms or more",
                "serve tcp :0 --mixin forking --hand-over fax|Invalid value for option '--hand-over': 'fax' is not one"
                        + " of auto, descriptor, relay (try --help)",
                "serve tcp :0 --mixin forking --worker-option Xmx1g|Invalid value for option '--worker-option': the"
                        + " worker option \"Xmx1g\" does not begin with \"-\"",
                "serve tcp :0 --no-delay maybe|Invalid value for option '--no-delay': 'maybe' is not a boolean (try"
                        + " --help)",
                "serve tcp :0 --mode 600|--mode is for unix and unix-datagram, not for tcp",
                "serve unix x --mode 999|Invalid value for option '--mode': '999' is not a file mode; write three octal"
                        + " digits, such as 660",
                "serve tcp :0 --handler shout|unknown handler shout: not one of echo, line, upper, pid, sleep,"
                        + " fail, and not a class; is --class-path missing?",
                "serve tcp :0 --handler java.lang.String|the class java.lang.String does not implement RequestHandler",
                "serve tcp :0 --handler A --class-path /nowhere.jar|/nowhere.jar in --class-path does not exist",
                "serve tcp :0 --join 239.1.2.3@lo|--join is for udp, not for tcp",
                "serve udp :0 --join 239.1.2.3|--join 239.1.2.3 has no interface; write GROUP@INTERFACE",
                "serve udp :0 --join 10.1.2.3@lo|10.1.2.3 is not a multicast address",
                "serve tcp :0 --xyz|unknown option --xyz (try --help)",
                "serve tcp :0 --handlr=upper|unknown option --handlr; did you mean --handler, --hand-over,"
                        + " --handshakes, --handshake-timeout? (try --help)",
                "serve tcp :0 --gracee 5|unknown option --gracee; did you mean --grace? (try --help)",
                "serve tcp :0 twice|the address tcp has no scheme; write for example"
                        + " tcp://127.0.0.1:8087 or unix:/run/shout.sock",
                "serve http://:0|the address http://:0 has the scheme http, for which there is no transport; there is"
                        + " tcp, udp, unix, unix-datagram",
                "serve tcp://:0 udp://:0 --mode 600|--mode is for unix and unix-datagram, not for tcp, udp",
                "serve tcp://:0 udp://:0 --allow user:root|Invalid value for option '--allow': user:root is for unix,"
                        + " not for tcp, udp",
                "serve tcp://:0 unix:/x --proxy-from unix|Invalid value for option '--proxy-from': unix has no proxy"
                        + " for tcp; write a network such as 10.0.0.0/8",
                "serve tcp://:0 --max-total 0|Invalid value for option '--max-total': it is 0 requests; it must be 1"
                        + " requests or more",
                "talk sctp://x:1|Invalid value for TRANSPORT: 'sctp' is not one of tcp, udp, unix, unix-datagram",
                "talk tcp:x|Invalid value for ADDRESS: 'tcp:x' is not an address; write for example"
                        + " tcp://127.0.0.1:8087 or unix:/run/shout.sock",
                "serve tcp :0 --log-requests=xml|Invalid value for option '--log-requests': 'xml' is not one of text,"
                        + " json (try --help)",
                "serve tcp [::]:0 --dual-stack=false|--dual-stack is false, but the JDK can't make a socket on [::]:0"
                        + " for IPv6 peers only; bind a certain IPv6 address instead",
                "serve udp :0 --tls-self-signed|TLS is for tcp and unix, not for udp",
                "serve tcp :0 --tls-cert a|--tls-cert has no meaning without --tls-key",
                "serve tcp :0 --tls-key a|--tls-key has no meaning without --tls-cert",
                "serve tcp :0 --tls-self-signed --tls-cert a --tls-key b|--tls-self-signed and --tls-cert exclude each"
                        + " other",
                "serve tcp :0 --tls-self-signed --tls-client-ca a|--tls-client-ca has no meaning without --tls-cert",
                "serve tcp :0 --tls-self-signed --tls-reload 1m|--tls-reload has no meaning without --tls-cert",
                "serve tcp :0 --tls-password-file a|--tls-password-file has no meaning without --tls-key",
                "serve tcp :0 --alpn chat/1|--alpn has no meaning without --tls-cert or --tls-self-signed",
                "serve tcp :0 --tls-cert /nowhere/a --tls-key b|/nowhere/a does not exist",
                "serve tcp :0 --tls-cert pom.xml --tls-key pom.xml|pom.xml has no certificate; its PEM blocks"
                        + " are []",
                "serve tcp :0 --tls-cert a --tls-key b --tls-password-file /nowhere/c|/nowhere/c (No such file or"
                        + " directory)",
                "talk udp 127.0.0.1:1 --tls|--tls is for tcp and unix, not for udp",
                "talk tcp 127.0.0.1:1 --insecure|--insecure has no meaning without --tls",
                "talk tcp 127.0.0.1:1 --ca a|--ca has no meaning without --tls",
                "talk tcp 127.0.0.1:1 --tls --insecure --ca a|--insecure and --ca exclude each other",
                "talk tcp 127.0.0.1:1 --tls --ca /nowhere/a|/nowhere/a (No such file or directory)",
                "talk tcp 127.0.0.1:1 --tls --ca pom.xml|pom.xml has no valid certificate: No certificate data found",
                "talk tcp 127.0.0.1:1 --tls|can't connect to tcp 127.0.0.1:1: Connection refused",
                "talk unix /nowhere/s --tls --insecure|can't connect to unix /nowhere/s: No such file or directory",
                "demo shout :0 a|shout has no TLS, so it needs no certificate",
                "demo start-tls :0 /nowhere/a /nowhere/b|/nowhere/a does not exist",
                "demo chat-tls :0 a.pem|chat-tls needs ADDRESS CERTIFICATE KEY; this makes both files for localhost:"
                        + " openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"
                        + " -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
                        + " -keyout server.key -out server.pem",
                "talk tcp 127.0.0.1:1|can't connect to tcp 127.0.0.1:1: Connection refused",
                "demo tetris|Invalid value for NAME: 'tetris' is not one of udp-echo, unix-echo, shout,"
                        + " console, chat, chat-tls, start-tls, fragile (try --help)",
                "demo shout 1.2.3.4|the address 1.2.3.4 has no port number; write HOST:PORT with a port from 0 to 65535"
            })
    void anInvalidArgumentIsReportedInOneLineWithStatusTwo(String args, String message) {
        String[] words = args.split(" ");
        assertRefused("examples/run " + words[0] + ": " + message, words);
    }

    @Test
    void anUnknownCommandIsReportedInOneLineWithStatusTwo() {
        assertRefused(
                "examples/run: unknown command 'sing'; the commands are serve, talk, demo, help, generate-completion"
                        + " (try --help)",
                "sing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "serve tcp :0 --password=hunter2",
                "serve tcp :0 --password hunter2",
                "serve tcp :0 --password:hunter2",
                "serve tcp :0 -phunter2",
                // The value is parsed as the transport, which is also invalid.
                "serve --password hunter2 tcp :0",
                "talk --password hunter2",
                "demo --password hunter2",
                "--password=hunter2 serve"
            })
    void anUnknownOptionIsReportedWithoutItsValue(String args) {
        var err = new StringWriter();
        assertEquals(2, Main.commandLine().setErr(new PrintWriter(err, true)).execute(args.split(" ")));
        assertTrue(
                err.toString().contains(": unknown option " + (args.contains("--p") ? "--password" : "-p") + " (try"));
        assertFalse(err.toString().contains("hunter2"), err.toString());
    }

    @Test
    void controlCharactersInArgumentsAreEscaped() {
        assertRefused(
                "examples/run talk: the address a\\u001b[31m\\u202e has no port number; write HOST:PORT with a"
                        + " port from 0 to 65535",
                "talk",
                "tcp",
                "a\u001b[31m\u202e");
    }

    @Test
    void missingVirtualThreadsAreReportedWithTheOption() {
        assumeFalse(ThreadKind.best() == ThreadKind.VIRTUAL);
        assertRefused(
                "examples/run serve: Invalid value for option '--threads': Java "
                        + Runtime.version().feature() + " has no virtual threads; they need Java 21 or later",
                "serve",
                "tcp",
                ":0",
                "--threads",
                "virtual");
    }

    @ParameterizedTest
    @CsvSource({"tcp 127.0.0.1:80,true", "udp [::1]:1023,true", "tcp 127.0.0.1:1024,false", "unix /tmp/s,false"})
    void aDeniedPrivilegedPortIsReportedWithAHint(String where, boolean hinted) throws Exception {
        var err = new StringWriter();
        CommandLine command = Main.commandLine().setErr(new PrintWriter(err, true));
        Main.failed(new BindException("can't serve on " + where + ": Permission denied"), command, null);
        assertEquals(hinted, err.toString().contains("; ports below 1024 are privileged: "), err.toString());
        assertEquals(1, err.toString().lines().count());
    }

    @Test
    void aHandlerForAnotherRequestTypeIsRejected() {
        String what = "examples/run serve: ";
        assertRefused(
                what + Shout.class.getName() + " handles a StreamRequest, but udp://:0 has a DatagramRequest",
                "serve",
                "udp",
                ":0",
                "--handler",
                Shout.class.getName());
        assertRefused(
                what + UdpEcho.class.getName() + " handles a DatagramRequest, but tcp://:0 has a StreamRequest",
                "serve",
                "tcp",
                ":0",
                "--handler",
                UdpEcho.class.getName());
    }

    @Test
    void anAbstractHandlerIsRejected() {
        assertRefused(
                "examples/run serve: the handler class " + StreamRequestHandler.class.getName() + " is abstract",
                "serve",
                "tcp",
                ":0",
                "--handler",
                StreamRequestHandler.class.getName());
    }

    @Test
    void anAddressInUseIsReportedInOneLineWithStatusTwo() throws IOException {
        try (var taken = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            assertRefused(
                    "examples/run serve: can't serve on tcp " + address + ": Address already in use",
                    "serve",
                    "tcp",
                    address);
        }
    }

    @Test
    void aFileThatIsNotASocketIsReportedAndKept() throws Exception {
        Path file = Files.writeString(folder.resolve("precious"), "data");
        for (String transport : List.of("unix", "unix-datagram")) {
            var err = new StringWriter();
            int status =
                    Main.commandLine().setErr(new PrintWriter(err, true)).execute("serve", transport, file.toString());
            assertEquals(2, status);
            assertEquals(1, err.toString().lines().count(), err.toString());
            assertTrue(err.toString().contains(file.toString()), err.toString());
        }
        assertEquals("data", Files.readString(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "serve --help", "talk --help", "demo --help", "help serve"})
    void everyCommandHasHelp(String args) {
        var out = new StringWriter();
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(out, true)).execute(args.split(" ")));
        assertTrue(out.toString().contains("Usage: examples/run"), out.toString());
    }

    @Test
    void theHelpOfTheDemosDoesNotWrapTheFileName() {
        var out = new StringWriter();
        Main.commandLine().setOut(new PrintWriter(out, true)).execute("demo", "--help");
        assertTrue(out.toString().lines().anyMatch(line -> line.endsWith(" socketserver-echo.sock")), out.toString());
    }

    @Test
    void theHelpListsEveryOptionWithItsDefault() {
        var out = new StringWriter();
        Main.commandLine().setOut(new PrintWriter(out, true)).execute("serve", "--help");
        String help = out.toString().replaceAll("\\s+", " ");
        CommandLine serve = Main.commandLine().getSubcommands().get("serve");
        serve.getCommandSpec().options().stream()
                .filter(option -> !option.usageHelp() && !option.versionHelp())
                .forEach(option -> {
                    String described = String.join(" ", option.description());
                    assertTrue(described.contains("Default: "), option.longestName());
                    assertTrue(help.contains(option.longestName()), option.longestName());
                });
        assertFalse(help.contains("${"), help);
    }

    @Test
    void theVersionIsPrintedInOneLine() {
        var out = new StringWriter();
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(out, true)).execute("--version"));
        assertTrue(out.toString().startsWith("socketserver for Java "), out.toString());
        assertEquals(1, out.toString().lines().count());
    }
}
