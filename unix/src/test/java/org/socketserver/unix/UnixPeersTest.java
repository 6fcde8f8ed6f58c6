package org.socketserver.unix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.PeerRule;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;

class UnixPeersTest {
    @TempDir
    private Path folder;

    /** Returns the user or group id ({@code uid}, {@code gid}) of a file created by this JVM. */
    private int own(String attribute) throws IOException {
        Path file = folder.resolve("f");
        return (int) Files.getAttribute(Files.exists(file) ? file : Files.createFile(file), "unix:" + attribute);
    }

    /** Answers "in" to clients that match a rule, and rejects others. */
    private static final class Guarded extends UnixStreamServer {
        private final PeerRule rule;

        Guarded(UnixAddress address, PeerRule rule) {
            super(
                    address,
                    HandlerSource.ofFunction(
                            request -> request.output().write(rule.matches(request) ? "in".getBytes() : new byte[0])),
                    ServerOptions.DEFAULTS);
            this.rule = rule;
        }

        @Override
        protected boolean verifyRequest(StreamRequest request) {
            return rule.matches(request);
        }
    }

    private boolean admits(AddressKind kind, PeerRule rule) throws IOException {
        UnixAddress address = kind.in(folder, "s");
        try (Guarded server = new Guarded(address, rule)) {
            server.start();
            String answer = Peers.exchange(address, "");
            return answer.equals("in");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientMatchesItsUserByNameAndByNumber(AddressKind kind) throws Exception {
        assertTrue(admits(kind, UnixPeers.user(System.getProperty("user.name"))));
        assertTrue(admits(kind, UnixPeers.user(Integer.toString(own("uid")))));
        assertTrue(admits(kind, UnixPeers.self()));
    }

    @ParameterizedTest
    @EnumSource
    void aClientMatchesItsPrimaryGroupByNameAndByNumber(AddressKind kind) throws Exception {
        Path file = Files.createFile(folder.resolve("g"));
        assertTrue(admits(
                kind, UnixPeers.group(Files.getAttribute(file, "posix:group").toString())));
        assertTrue(admits(kind, UnixPeers.group(Integer.toString(own("gid")))));
    }

    @ParameterizedTest
    @EnumSource
    void aClientDoesNotMatchAnotherUserOrGroup(AddressKind kind) throws Exception {
        assertFalse(admits(kind, UnixPeers.user(Integer.toString(own("uid") + 1))));
        assertFalse(admits(kind, UnixPeers.group(Integer.toString(own("gid") + 1))));
        assertFalse(admits(kind, UnixPeers.user("4294967294")));
    }

    /** Only root can change its user. */
    @ParameterizedTest
    @EnumSource
    void aClientOfAnotherUserMatchesOnlyItsOwnUserAndGroup(AddressKind kind) throws Exception {
        Assumptions.assumeTrue(own("uid") == 0);
        Files.setAttribute(folder, "unix:mode", 0755);
        for (PeerRule rule : new PeerRule[] {
            UnixPeers.user("3141"), UnixPeers.group("2718"), UnixPeers.self(), UnixPeers.user("0"), UnixPeers.group("0")
        }) {
            UnixAddress address = kind.in(folder, "s");
            try (Guarded server = new Guarded(address, rule)) {
                server.start();
                address.path().ifPresent(path -> path.toFile().setWritable(true, false));
                String script = "os.setgroups([0]); os.setresgid(2718, 2718, 2718); os.setresuid(3141, 3141, 3141)\n"
                        + "s = socket.socket(socket.AF_UNIX)\n"
                        + "s.connect(server)\n"
                        + "print(s.recv(9).decode())\n";
                String expected = rule.toString().endsWith(" 0") ? "" : "in";
                assertEquals(expected, Peers.python(address, script).get(0), rule.toString());
            }
        }
    }

    @Test
    void aDatagramHasNoCredentialsAndMatchesNothing() throws Exception {
        UnixAddress address = AddressKind.PATH.in(folder, "s");
        PeerRule self = UnixPeers.self();
        try (UnixDatagramServer server = new UnixDatagramServer(
                        address,
                        (DatagramRequest request) ->
                                request.reply(new byte[] {(byte) (self.matches(request) ? '+' : '-')}));
                AFUNIXDatagramChannel client = Peers.datagram(UnixAddress.path(folder.resolve("c")))) {
            server.start();
            Peers.send(client, "?", address);
            assertEquals("-", Peers.receive(client));
        }
    }

    /** Returns a request of a connection with these credentials. */
    private static StreamRequest from(Optional<PeerCredentials> credentials) {
        return (StreamRequest) Proxy.newProxyInstance(
                StreamRequest.class.getClassLoader(),
                new Class<?>[] {StreamRequest.class},
                (proxy, method, arguments) ->
                        method.getName().equals("attribute") ? credentials : new InetSocketAddress("127.0.0.1", 1));
    }

    @Test
    void aConnectionWithoutCredentialsMatchesNothing() {
        assertFalse(UnixPeers.self().matches(from(Optional.empty())));
        assertFalse(UnixPeers.user("0").matches(from(Optional.empty())));
        assertFalse(UnixPeers.group("0").matches(from(Optional.empty())));
    }

    @Test
    void aUserDoesNotMatchAGroupWithTheSameNumber() throws Exception {
        UserPrincipalLookupService principals = FileSystems.getDefault().getUserPrincipalLookupService();
        StreamRequest peer = from(Optional.of(new PeerCredentials(
                principals.lookupPrincipalByName("3141"),
                principals.lookupPrincipalByGroupName("2718"),
                OptionalLong.empty())));
        assertTrue(UnixPeers.user("3141").matches(peer));
        assertTrue(UnixPeers.group("2718").matches(peer));
        assertFalse(UnixPeers.user("2718").matches(peer));
        assertFalse(UnixPeers.group("3141").matches(peer));
        assertFalse(UnixPeers.self().matches(peer));
    }

    @Test
    void aNumberBeyondIntIsASingleUser() throws Exception {
        UserPrincipalLookupService principals = FileSystems.getDefault().getUserPrincipalLookupService();
        StreamRequest peer = from(Optional.of(new PeerCredentials(
                principals.lookupPrincipalByName("-2"),
                principals.lookupPrincipalByGroupName("-3"),
                OptionalLong.empty())));
        assertTrue(UnixPeers.user("4294967294").matches(peer));
        assertTrue(UnixPeers.group("4294967293").matches(peer));
        assertFalse(UnixPeers.user("4294967293").matches(peer));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "no-such-name",
                "-1",
                "+0",
                "-2",
                "\u0660",
                "0 ",
                "0\n",
                "root\0",
                "\n\0root",
                "4294967295",
                "4294967296",
                "9999999999",
                "18446744073709551616"
            })
    void anUnknownUserOrGroupIsRejectedWithItsName(String name) {
        assertEquals(
                "the user " + name + " is unknown",
                assertThrows(IllegalArgumentException.class, () -> UnixPeers.user(name))
                        .getMessage());
        assertEquals(
                "the group " + name + " is unknown",
                assertThrows(IllegalArgumentException.class, () -> UnixPeers.group(name))
                        .getMessage());
    }

    @Test
    void aRuleIsFormattedWithItsUserOrGroup() throws Exception {
        String user = System.getProperty("user.name");
        assertEquals("user " + user, UnixPeers.user(user).toString());
        assertEquals("group 0", UnixPeers.group("0").toString());
        assertEquals("user " + own("uid"), UnixPeers.self().toString());
    }
}
