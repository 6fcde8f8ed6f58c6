package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.internal.AddressText;

/** Clients can neither flood the log nor forge lines in it. */
class LoggedFailuresTest {
    @RegisterExtension
    final QuietLog log = new QuietLog();

    private static final class Ended implements RequestListener {
        final Semaphore ends = new Semaphore(0);

        @Override
        public void requestStopped(Request request, RequestEnd end) {
            ends.release();
            throw new IllegalStateException("on purpose");
        }
    }

    @Test
    void aFloodOfFailuresIsLoggedAsTenRecordsOfEachKindAndACount() throws Exception {
        Ended listener = new Ended();
        MemoryServer server = MemoryServer.of(request -> {
            throw new IllegalStateException("on purpose");
        });
        server.listener(listener);
        server.start();
        for (int i = 0; i < 200; i++) {
            server.connect();
        }
        listener.ends.acquire(200);
        server.close();
        List<String> messages = log.messages();
        assertEquals(
                10, messages.stream().filter(m -> m.startsWith("request of ")).count());
        assertEquals(
                10,
                messages.stream()
                        .filter(m -> m.startsWith("the request listener threw"))
                        .count());
        assertTrue(messages.contains("memory memory:1: 190 more log records suppressed: request failed"));
        assertTrue(messages.contains("memory memory:1: 190 more log records suppressed: the request listener"));
        assertEquals(200, server.stats().ended(RequestOutcome.FAILED));
    }

    @Test
    void controlCharactersInAddressesAreEscaped() {
        SocketAddress address = new SocketAddress() {
            @Override
            public String toString() {
                return "@evil\nSEVERE: forged\u001b[2J";
            }
        };
        String plain = "@evil\\u000aSEVERE: forged\\u001b[2J";
        assertEquals(plain, AddressText.of(address));
        assertEquals(plain, AddressText.append(new StringBuilder(), address).toString());
        assertEquals("a\\u000ab:1", AddressText.of(InetSocketAddress.createUnresolved("a\nb", 1)));
        assertTrue(new LiveRequest(1, address, Duration.ZERO, false, "", List.of())
                .toString()
                .contains(plain));
    }

    @Test
    void inputOfAClientNeverBeginsALineOfTheLog() throws Exception {
        Ended listener = new Ended();
        MemoryServer server = MemoryServer.of(request -> {
            String line = new String(request.input().readAllBytes(), "ISO-8859-1");
            throw new IllegalStateException("told " + line, new java.net.ProtocolException(line));
        });
        server.listener(listener);
        server.start();
        server.connect().sends("x\r\nSEVERE: forged\u001b[2J\u009b2J").ends();
        listener.ends.acquire();
        server.close();
        LogRecord record = log.records().get(0);
        String printed = new SimpleFormatter().format(record);
        assertTrue(printed.contains("IllegalStateException: told x\\u000d\\u000aSEVERE: forged\\u001b[2J"), printed);
        assertTrue(printed.contains("LoggedFailuresTest.lambda$inputOfAClient"), printed);
        assertFalse(printed.lines().anyMatch(line -> line.startsWith("SEVERE: forged")), printed);
        assertTrue(printed.chars().noneMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t'), printed);
    }
}
