package org.socketserver.mixins;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.Deadline;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.server.ConnectionRequest;
import org.socketserver.api.spi.Layer;

/**
 * A base class for handlers of connections, with buffered input, complete writes, lines and frames.
 *
 * <pre>{@code
 * public final class Shout extends StreamRequestHandler {
 *     @Override
 *     public void handle() throws IOException {
 *         for (String line = readLine(); line != null; line = readLine()) {
 *             writeLine(line.toUpperCase(Locale.ROOT));
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>A frame is a length, big-endian and unsigned, followed by that many bytes. Lines, frames and bytes are read from
 * the same buffer and can be mixed.
 *
 * <p>To configure a handler, override a method. {@link #readTimeout()}, {@link #noDelay()}, {@link #inputBufferSize()},
 * {@link #outputBufferSize()} and {@link #framePrefixBytes()} are called once, when first needed. {@link
 * #maxLineLength()}, {@link #maxFrameLength()}, {@link #charset()} and {@link #malformedText()} are called each time,
 * so a handler can accept longer lines, for example, from a peer that it has authenticated.
 *
 * <p><b>Threads.</b> Only the handler's thread may read. Other threads may write to {@link StreamRequest#output()}, one
 * at a time.
 *
 * <p><b>Failure.</b> Reads and writes throw {@link org.socketserver.api.DisconnectedException} if the peer has
 * disconnected, and {@link org.socketserver.api.DeadlineException} if a deadline has passed. A violation of the
 * protocol is a {@link java.net.ProtocolException}: {@link LineTooLongException}, {@link FrameTooLongException}, {@link
 * TruncatedFrameException}, {@link MalformedTextException}. A handler need not catch any of them: they end this
 * connection and are logged in at most one line.
 */
public abstract class StreamRequestHandler extends BaseRequestHandler<StreamRequest> {
    private @Nullable LineInput input;
    private @Nullable OutputStream output;
    private @Nullable Framing framing;

    /** Creates a handler. */
    protected StreamRequestHandler() {}

    /**
     * Returns how long one read may wait. CPython: {@code timeout}.
     *
     * @return the time, zero for no limit; the server's {@link Deadline#READ} unless overridden
     */
    protected Duration readTimeout() {
        return server().options().deadline(Deadline.READ);
    }

    /**
     * Returns whether small writes are sent at once; has no effect on Unix sockets. CPython: {@code
     * disable_nagle_algorithm}.
     *
     * @return true to send at once; the server's {@code noDelay} option unless overridden
     */
    protected boolean noDelay() {
        return server().options().noDelay();
    }

    /**
     * Returns the maximum length of a line, without its end.
     *
     * @return bytes, at least 1; 65,536 unless overridden
     */
    protected int maxLineLength() {
        return 65_536;
    }

    /**
     * Returns the maximum length of a frame that is read, without its prefix. It does not limit writing.
     *
     * @return bytes, at least 1 and at most the prefix's maximum; 1,048,576 unless overridden, or the prefix's maximum
     *     if that is less
     */
    protected int maxFrameLength() {
        return (int) Math.min(1_048_576, framing().longest());
    }

    /**
     * Returns the size of the length before a frame.
     *
     * @return 1, 2 or 4 bytes, for frames of up to 255, 65,535 or 4,294,967,295 bytes; 4 unless overridden
     */
    protected int framePrefixBytes() {
        return 4;
    }

    /**
     * Returns what {@link #readLine()} does with bytes that are malformed in {@link #charset()}: {@link
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
     * Returns the character encoding of text.
     *
     * @return a charset in which LF is one byte; UTF-8 unless overridden
     */
    protected Charset charset() {
        return StandardCharsets.UTF_8;
    }

    /**
     * Returns the maximum size of the input buffer. CPython: {@code rbufsize}. The buffer starts with 256 bytes, grows
     * while reads fill it, or at once for a larger array, and shrinks after two reads that returned less than 256
     * bytes.
     *
     * @return bytes, at least 1; 8,192 unless overridden
     */
    protected int inputBufferSize() {
        return 8_192;
    }

    /**
     * Returns how much output is collected before it is sent. CPython: {@code wbufsize}.
     *
     * @return bytes; 0, which sends each write at once, unless overridden
     */
    protected int outputBufferSize() {
        return 0;
    }

    @Override
    protected void open() throws IOException {
        StreamRequest request = request();
        Duration timeout = readTimeout();
        if (!timeout.equals(request.deadline(Deadline.READ))) {
            request.deadline(Deadline.READ, timeout);
        }
        boolean noDelay = noDelay();
        if (noDelay != server().options().noDelay()) {
            request.noDelay(noDelay);
        }
    }

    /** Sends the contents of the output buffer. */
    @Override
    protected void flush() throws IOException {
        if (output != null) {
            output.flush();
        }
    }

    /**
     * Returns the buffered input. {@link #readLine()} and {@link #readFrame()} read from the same buffer.
     *
     * @return the input; every call returns the same stream
     */
    public final InputStream input() {
        return lines();
    }

    /**
     * Returns the output. Each write is complete when it returns, or buffered if {@link #outputBufferSize()} is not 0.
     *
     * @return the output; every call returns the same stream
     */
    public final OutputStream output() {
        OutputStream current = output;
        if (current == null) {
            int size = outputBufferSize();
            current = size == 0
                    ? request().output()
                    : new BufferedOutputStream(request().output(), positive("outputBufferSize", size));
            output = current;
        }
        return current;
    }

    /**
     * Reads the next line, which ends with LF, CR LF, or the end of input.
     *
     * @return the line without its end; null at the end of input
     * @throws LineTooLongException if it is longer than {@link #maxLineLength()}; thrown as soon as that is known
     * @throws MalformedTextException if the line is malformed and {@link #malformedText()} is {@code REPORT}; the next
     *     call reads the next line
     * @throws IOException if the peer has disconnected, or a deadline has passed
     */
    public final @Nullable String readLine() throws IOException {
        return lines().readLine(positive("maxLineLength", maxLineLength()), charset(), malformedText());
    }

    /**
     * Reads the next frame. Memory is allocated as bytes arrive, not for the length that the peer announces.
     *
     * @return the frame without its prefix, possibly empty; null if the input ends before a frame
     * @throws FrameTooLongException if it is longer than {@link #maxFrameLength()}; thrown when its prefix has been
     *     read
     * @throws TruncatedFrameException if the input ends in the middle of the frame or its prefix
     * @throws IOException if the peer has disconnected, or a deadline has passed
     */
    public final byte @Nullable [] readFrame() throws IOException {
        Framing current = framing();
        LineInput input = lines();
        return current.read(input, current.checkedLimit(maxFrameLength()), input::message);
    }

    /**
     * Writes a frame: its length and the bytes, in one write.
     *
     * @param frame the bytes, possibly none
     * @throws IllegalArgumentException if the frame is longer than the prefix can express; nothing is written
     * @throws IOException if the peer has disconnected, or does not read in time
     */
    public final void writeFrame(byte[] frame) throws IOException {
        output().write(framing().prefixed(frame));
    }

    /**
     * Writes a line: the text and LF, in one write.
     *
     * @param text the line without its end
     * @throws IOException if the peer has disconnected, or does not read in time
     */
    public final void writeLine(String text) throws IOException {
        write(text.concat("\n"));
    }

    /**
     * Writes text in one write.
     *
     * @param text the text
     * @throws IOException if the peer has disconnected, or does not read in time
     */
    public final void write(String text) throws IOException {
        output().write(text.getBytes(charset()));
    }

    /**
     * Writes bytes in one write.
     *
     * @param bytes the bytes
     * @throws IOException if the peer has disconnected, or does not read in time
     */
    public final void write(byte[] bytes) throws IOException {
        output().write(bytes);
    }

    /**
     * Puts TLS, or another layer, over this connection, as STARTTLS does: sends the output buffer, then does the
     * handshake. {@link Deadline#HANDSHAKE} bounds it. Afterwards all input and output goes through the layer.
     *
     * <pre>{@code
     * writeLine("220 go ahead");
     * startTls(tls);
     * }</pre>
     *
     * <p>Bytes that were read ahead in plain text are refused. A client does not send them, but somebody between it and
     * the server can, to have them handled as if the client had sent them over TLS (CVE-2011-0411).
     *
     * @param tls the layer
     * @throws ProtocolException if bytes behind the last line or frame were read already
     * @throws IOException if the handshake fails, the peer has disconnected, or the deadline has passed; the connection
     *     is closed then
     * @throws IllegalStateException if the transport's requests have no layers
     */
    public final void startTls(Layer tls) throws IOException {
        flush();
        int early = input == null ? 0 : input.available();
        if (early > 0) {
            throw new ProtocolException(
                    "the client sent " + early + " bytes in plain text that belong after the handshake");
        }
        if (!(request() instanceof ConnectionRequest connection)) {
            throw new IllegalStateException(request().getClass().getName() + " has no layers");
        }
        connection.layer(tls);
    }

    private LineInput lines() {
        LineInput current = input;
        if (current == null) {
            StreamRequest request = request();
            current = new LineInput(request.input(), positive("inputBufferSize", inputBufferSize()), request::buffered);
            input = current;
        }
        return current;
    }

    private Framing framing() {
        Framing current = framing;
        if (current == null) {
            current = new Framing(framePrefixBytes());
            framing = current;
        }
        return current;
    }

    private static int positive(String what, int bytes) {
        if (bytes < 1) {
            throw new IllegalStateException(what + " is " + bytes + " bytes; it must be 1 byte or more");
        }
        return bytes;
    }
}
