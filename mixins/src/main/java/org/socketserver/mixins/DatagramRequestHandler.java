package org.socketserver.mixins;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.DatagramRequest;

/**
 * A base class for handlers of packets, with the packet's bytes or text, and one reply.
 *
 * <pre>{@code
 * public final class Answer extends DatagramRequestHandler {
 *     @Override
 *     public void handle() throws IOException {
 *         write(text().toUpperCase(Locale.ROOT));
 *     }
 * }
 * }</pre>
 *
 * <p>Everything that is written becomes one reply, which is sent from the server's socket after the handler has ended.
 * Nothing is sent if nothing was written or if the handler throws. {@link DatagramRequest#reply(byte[])} sends a packet
 * at once, any number of times.
 */
public abstract class DatagramRequestHandler extends BaseRequestHandler<DatagramRequest> {
    /** Creates a handler. */
    protected DatagramRequestHandler() {}

    /**
     * Returns the character encoding of text.
     *
     * @return a charset; UTF-8 unless overridden
     */
    protected Charset charset() {
        return StandardCharsets.UTF_8;
    }

    /**
     * Returns what {@link #text()} does with bytes that are malformed in {@link #charset()}: {@link
     * CodingErrorAction#REPLACE} replaces them with U+FFFD, {@link CodingErrorAction#IGNORE} drops them, {@link
     * CodingErrorAction#REPORT} throws a {@link MalformedTextException}.
     *
     * <p>Does not apply to output, where a character that the charset lacks is always replaced, usually with {@code ?}.
     *
     * @return the action; {@code REPLACE} unless overridden
     */
    protected CodingErrorAction malformedText() {
        return CodingErrorAction.REPLACE;
    }

    /**
     * Returns the bytes of the packet.
     *
     * @return the exact bytes; not a copy
     */
    public final byte[] data() {
        return request().data();
    }

    /**
     * Returns the bytes of the packet as text.
     *
     * @return the whole text, including line ends
     * @throws MalformedTextException if the packet is malformed and {@link #malformedText()} is {@code REPORT}
     */
    public final String text() throws MalformedTextException {
        byte[] bytes = data();
        return TextDecoder.decode(bytes, 0, bytes.length, charset(), malformedText());
    }

    /**
     * Returns the bytes of the packet as a stream.
     *
     * @return the input; every call returns the same stream
     */
    public final InputStream input() {
        return request().input();
    }

    /**
     * Returns the stream that collects the reply.
     *
     * @return the output; every call returns the same stream
     */
    public final OutputStream output() {
        return request().output();
    }

    /**
     * Adds text to the reply.
     *
     * @param text the text
     * @throws org.socketserver.api.DatagramTooLongException if the reply would no longer fit into one packet
     * @throws IOException never otherwise
     */
    public final void write(String text) throws IOException {
        output().write(text.getBytes(charset()));
    }

    /**
     * Adds bytes to the reply.
     *
     * @param bytes the bytes
     * @throws org.socketserver.api.DatagramTooLongException if the reply would no longer fit into one packet
     * @throws IOException never otherwise
     */
    public final void write(byte[] bytes) throws IOException {
        output().write(bytes);
    }

    /**
     * Adds a line to the reply: the text, then LF.
     *
     * @param text the line without its end
     * @throws org.socketserver.api.DatagramTooLongException if the reply would no longer fit into one packet
     * @throws IOException never otherwise
     */
    public final void writeLine(String text) throws IOException {
        write(text.concat("\n"));
    }
}
