package org.socketserver.examples.demos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChatRoomTest {
    private static final String ANY_PORT = "127.0.0.1:0";
    private static final Logger LOG = Logger.getLogger("chat");

    private final BlockingQueue<String> announced = new LinkedBlockingQueue<>();
    private final Handler announcements = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            announced.add(MessageFormat.format(entry.getMessage(), entry.getParameters()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOG.setUseParentHandlers(false);
        LOG.addHandler(announcements);
    }

    @AfterEach
    void stopListening() {
        LOG.removeHandler(announcements);
        LOG.setUseParentHandlers(true);
    }

    /** A client that has joined the room. */
    private static final class Member implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader heard;

        Member(InetSocketAddress room) throws IOException {
            socket = new Socket(room.getAddress(), room.getPort());
            socket.setSoTimeout(10_000);
            heard = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            say("here");
            while (!hear().equals(name() + " here")) {
                // Skip messages of earlier members.
            }
        }

        String name() {
            return "127.0.0.1:" + socket.getLocalPort();
        }

        void say(String line) throws IOException {
            type(line + "\n");
        }

        void type(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }

        /** Returns the text that has arrived, without waiting for the end of the line. */
        String hearSoFar() throws IOException {
            char[] some = new char[1_000];
            return new String(some, 0, heard.read(some));
        }

        String hear() throws IOException {
            return heard.readLine();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void fiftyMembersHearEveryLineInTheSameOrder() throws Exception {
        var room = new ChatRoom(ANY_PORT, 1_000);
        InetSocketAddress address = room.start();
        List<Member> members = new ArrayList<>();
        try {
            for (int index = 0; index < 50; index++) {
                members.add(new Member(address));
            }
            Set<String> expected = new HashSet<>();
            for (int round = 0; round < 4; round++) {
                for (Member member : members) {
                    member.say("talks " + round);
                    expected.add(member.name() + " talks " + round);
                }
            }
            List<List<String>> heard = new ArrayList<>();
            for (Member member : members) {
                List<String> lines = new ArrayList<>();
                while (lines.size() < expected.size()) {
                    String line = member.hear();
                    if (line.contains(" talks ")) {
                        lines.add(line);
                    }
                }
                heard.add(lines);
            }
            assertEquals(expected, new HashSet<>(heard.get(0)));
            heard.forEach(lines -> assertEquals(heard.get(0), lines));
        } finally {
            for (Member member : members) {
                member.close();
            }
            room.stop();
        }
    }

    @Test
    void textWithoutALineEndReachesTheOthersAtOnce() throws Exception {
        var room = new ChatRoom(ANY_PORT, 100);
        InetSocketAddress address = room.start();
        try (var first = new Member(address);
                var second = new Member(address)) {
            assertEquals(second.name() + " here", first.hear());
            first.type("good");
            assertEquals(first.name() + " good", second.hearSoFar());
            first.type(" morning\n");
            assertEquals(" morning", second.hear());
            first.type("and");
            assertEquals(first.name() + " and", second.hearSoFar());
            second.say("me too");
            assertEquals("", second.hear());
            assertEquals(second.name() + " me too", second.hear());
            for (String line : List.of("good morning", "and")) {
                assertEquals(first.name() + " " + line, first.hear());
            }
        } finally {
            room.stop();
        }
    }

    @Test
    void quitMustBeAWholeLine() throws Exception {
        var room = new ChatRoom(ANY_PORT, 100);
        try (var member = new Member(room.start())) {
            member.type("never ");
            assertEquals(member.name() + " never ", member.hearSoFar());
            member.say("quit");
            assertEquals("quit", member.hear());
            member.say("quit");
            assertNull(member.hear());
        } finally {
            room.stop();
        }
    }

    @Test
    void quitLeavesAfterEarlierTextWasSent() throws Exception {
        var room = new ChatRoom(ANY_PORT, 100);
        try (var member = new Member(room.start())) {
            member.say("goodbye");
            member.say("quit");
            assertEquals(member.name() + " goodbye", member.hear());
            assertNull(member.hear());
            assertEquals(member.name() + " joined", announced.poll(10, TimeUnit.SECONDS));
            assertEquals(member.name() + " left", announced.poll(10, TimeUnit.SECONDS));
        } finally {
            room.stop();
        }
    }

    @Test
    void aMemberThatDoesNotReadIsDroppedAndDelaysNobody() throws Exception {
        var room = new ChatRoom(ANY_PORT, 10);
        InetSocketAddress address = room.start();
        try (var silent = new Member(address);
                var talker = new Member(address)) {
            String text = "x".repeat(20_000);
            String dropped = silent.name() + " was dropped: it does not read";
            // The kernel buffers some megabytes before the queue begins to fill.
            for (int line = 0; line < 2_000 && !announced.contains(dropped); line++) {
                talker.say(text);
                assertEquals(talker.name() + " " + text, talker.hear());
            }
            assertTrue(announced.contains(dropped), announced::toString);
            assertEnds(silent);
            talker.say("still here");
            assertEquals(talker.name() + " still here", talker.hear());
        } finally {
            room.stop();
        }
    }

    private static void assertEnds(Member member) throws IOException {
        try {
            while (member.hear() != null) {
                // Skip what the kernel has buffered.
            }
        } catch (SocketException reset) {
            // Closed with unsent output.
        }
    }

    @Test
    void stopClosesAllConnections() throws Exception {
        var room = new ChatRoom(ANY_PORT, 100);
        try (var member = new Member(room.start())) {
            room.stop();
            assertNull(member.hear());
        }
    }
}
