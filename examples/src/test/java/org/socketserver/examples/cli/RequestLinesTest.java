package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.internal.AddressText;
import org.socketserver.tcp.TcpServer;

class RequestLinesTest {
    /** Text that a client injects: line ends, a terminal's escape sequence, a change of direction, a quote. */
    private static final String BAD = "a\u001b[31m\r\n\u0085\u2028\u2029\u202e\u007f\\n\"\u00e9" + "\udb40\udc01";

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private TcpServer server = new TcpServer(new InetSocketAddress("127.0.0.1", 0), request -> {});

    @AfterEach
    void close() {
        server.close(Duration.ZERO);
    }

    private void serve(RequestLines.Form form, RequestHandler<Request> handler) throws IOException {
        server = new TcpServer(new InetSocketAddress("127.0.0.1", 0), handler);
        server.listener(new RequestLines(form, lines::add));
        server.start();
    }

    /** Makes requests and returns the line of the last. */
    private String lineOf(RequestLines.Form form, int requests) throws Exception {
        serve(form, request -> {
            request.output().write(request.input().read());
            throw new IllegalStateException(BAD);
        });
        String line = "";
        for (int i = 0; i < requests; i++) {
            try (Client client = Client.connect(Transport.TCP, AddressText.of(server.address()))) {
                client.ask("x");
            } catch (EOFException noWholeLine) {
                // The answer was one byte.
            }
            line = lines.poll(20, TimeUnit.SECONDS);
            assertNotNull(line, "no line arrived");
        }
        return line;
    }

    private static Map<String, Object> parsed(String json) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            assertEquals(JsonToken.START_OBJECT, parser.nextToken());
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                fields.put(
                        name,
                        parser.nextToken().isNumeric()
                                ? (Object) parser.getNumberValue().doubleValue()
                                : parser.getText());
            }
            assertEquals(null, parser.nextToken());
        }
        return fields;
    }

    @Test
    void aLineHasTimeServerNumberPeerOutcomeBytesAndDuration() throws Exception {
        Instant before = Instant.now().minusMillis(1);
        String line = lineOf(RequestLines.Form.TEXT, 2);
        String[] words = line.split(" ");
        Instant time = Instant.parse(words[0]);
        assertTrue(!time.isBefore(before) && !time.isAfter(Instant.now()), line);
        assertEquals("tcp", words[1]);
        assertEquals(AddressText.of(server.address()), words[2]);
        assertEquals("#2", words[3]);
        assertTrue(words[4].startsWith("127.0.0.1:"), line);
        assertTrue(
                line.contains(" failed, 2 bytes in, 1 out, ") || line.contains(" failed, 1 bytes in, 1 out, "), line);
        assertTrue(line.contains(" ms: java.lang.IllegalStateException: a\\u001b[31m\\u000d\\u000a"), line);
    }

    @Test
    void aJsonLineIsAnObjectWithTheSameFields() throws Exception {
        Instant before = Instant.now().minusMillis(1);
        Map<String, Object> line = parsed(lineOf(RequestLines.Form.JSON, 2));
        Instant time = Instant.parse((String) line.get("time"));
        assertTrue(!time.isBefore(before) && !time.isAfter(Instant.now()), line.toString());
        assertEquals("tcp", line.get("transport"));
        assertEquals(AddressText.of(server.address()), line.get("server"));
        assertEquals(2.0, line.get("number"));
        assertTrue(line.get("client").toString().startsWith("127.0.0.1:"), line.toString());
        assertEquals("failed", line.get("outcome"));
        assertEquals("failed", line.get("reason"));
        assertEquals(1.0, line.get("bytesOut"));
        assertTrue((double) line.get("durationMs") > 0, line.toString());
        assertEquals("java.lang.IllegalStateException: " + BAD, line.get("failure"));
        assertEquals(11, line.size(), line.toString());
    }

    @ParameterizedTest
    @EnumSource
    void controlCharactersFromAClientAreEscaped(RequestLines.Form form) throws Exception {
        String line = lineOf(form, 1);
        assertEquals(1, line.lines().count());
        line.codePoints().forEach(point -> {
            int type = Character.getType(point);
            assertFalse(Character.isISOControl(point) || type == Character.FORMAT, line);
            assertFalse(type == Character.LINE_SEPARATOR || type == Character.PARAGRAPH_SEPARATOR, line);
        });
    }

    @ParameterizedTest
    @EnumSource
    void theTextOfAFailureIsTruncatedToAThousandCharacters(RequestLines.Form form) throws Exception {
        serve(form, request -> {
            throw new IllegalStateException("x".repeat(2_000));
        });
        Client.connect(Transport.TCP, AddressText.of(server.address())).close();
        String line = lines.poll(20, TimeUnit.SECONDS);
        assertNotNull(line, "no line arrived");
        assertTrue(line.contains("xxx...") && line.length() < 1_500, line);
    }

    /** An exception whose {@code toString} throws. */
    private static final class Mute extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String toString() {
            throw new IllegalStateException("mute");
        }
    }

    @Test
    void aFailureWhoseToStringThrowsHasALine() throws Exception {
        serve(RequestLines.Form.TEXT, request -> {
            throw new Mute();
        });
        Client.connect(Transport.TCP, AddressText.of(server.address())).close();
        String line = lines.poll(20, TimeUnit.SECONDS);
        assertNotNull(line, "no line arrived");
        assertTrue(line.endsWith("Mute (its toString() threw java.lang.IllegalStateException)"), line);
    }
}
