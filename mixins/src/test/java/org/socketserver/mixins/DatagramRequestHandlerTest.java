package org.socketserver.mixins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DatagramTooLongException;
import org.socketserver.api.Server;
import org.socketserver.api.server.PacketRequest;
import org.socketserver.tcp.TcpServer;

class DatagramRequestHandlerTest {
    private static final InetSocketAddress PEER = new InetSocketAddress("127.0.0.1", 9);
    private static final Server SERVER = new TcpServer(PEER, request -> {});

    private final List<String> sent = new ArrayList<>();

    private PacketRequest packet(String text, Charset charset) {
        return new PacketRequest(
                text.getBytes(charset),
                false,
                PEER,
                SERVER,
                20,
                (bytes, target) -> sent.add(charset.decode(bytes).toString()));
    }

    @Test
    void allOutputIsSentAsOneReply() throws Exception {
        PacketRequest packet = packet("gr\u00fcn", StandardCharsets.UTF_8);
        new DatagramRequestHandler() {
            @Override
            public void handle() throws IOException {
                assertArrayEquals(packet.data(), data());
                assertEquals("gr\u00fcn", text());
                input().transferTo(output());
                write("+");
                writeLine("-");
                write(new byte[] {'!'});
            }
        }.handle(packet);
        assertEquals(List.of(), sent, "sent after the handler");
        packet.complete();
        assertEquals(List.of("gr\u00fcn+-\n!"), sent);
    }

    @Test
    void theHandlerChoosesTheCharset() throws Exception {
        PacketRequest packet = packet("\u00e4", StandardCharsets.ISO_8859_1);
        new DatagramRequestHandler() {
            @Override
            protected Charset charset() {
                return StandardCharsets.ISO_8859_1;
            }

            @Override
            public void handle() throws IOException {
                write(text() + "\u00f6");
            }
        }.handle(packet);
        packet.complete();
        assertEquals(List.of("\u00e4\u00f6"), sent);
    }

    @Test
    void aWriteBeyondTheSizeOfAPacketThrows() {
        PacketRequest packet = packet("x", StandardCharsets.UTF_8);
        DatagramRequestHandler handler = new DatagramRequestHandler() {
            @Override
            public void handle() throws IOException {
                write("0123456789");
                write("0123456789+");
            }
        };
        assertEquals(
                "a reply of 21 bytes does not fit one packet, which holds at most 20 bytes",
                assertThrows(DatagramTooLongException.class, () -> handler.handle(packet))
                        .getMessage());
        assertEquals(List.of(), sent);
    }

    /** Decodes text with the given action. */
    private static final class Decoding extends DatagramRequestHandler {
        private final CodingErrorAction malformed;

        Decoding(CodingErrorAction malformed) {
            this.malformed = malformed;
        }

        @Override
        protected CodingErrorAction malformedText() {
            return malformed;
        }

        @Override
        public void handle() throws IOException {
            write(text());
        }
    }

    @Test
    void theHandlerChoosesTheActionForMalformedText() throws Exception {
        Charset latin = StandardCharsets.ISO_8859_1;
        PacketRequest dropped = packet("a\u00ffb\n", latin);
        new Decoding(CodingErrorAction.IGNORE).handle(dropped);
        dropped.complete();
        PacketRequest replaced = packet("a\u00ff\n", latin);
        new Decoding(CodingErrorAction.REPLACE).handle(replaced);
        replaced.complete();
        assertEquals(List.of("ab\n", new String("a\ufffd\n".getBytes(StandardCharsets.UTF_8), latin)), sent);
        PacketRequest reported = packet("a\u00ff\n", latin);
        assertEquals(
                "1 byte at offset 1 is not UTF-8",
                assertThrows(
                                MalformedTextException.class,
                                () -> new Decoding(CodingErrorAction.REPORT).handle(reported))
                        .getMessage());
    }
}
