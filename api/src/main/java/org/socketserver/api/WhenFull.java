package org.socketserver.api;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * What happens to requests when the mix-in is at its limit or the accept rate is used up. Set with {@link
 * Limits#whenFull}. A server without a mix-in accepts no request while it runs one, so there it applies only to the
 * rate. A client that is rejected before its {@linkplain org.socketserver.api.server.BaseServer#layer layers} are
 * complete gets no answer, because it could not read it.
 */
public final class WhenFull {
    /** The maximum length of an answer. A new connection accepts that many bytes without waiting. */
    private static final int MAX_ANSWER = 4_096;

    /**
     * Requests wait in the kernel: nothing is accepted or received until there is room. The default.
     *
     * <p>When the kernel's queue is full too, connection attempts are not answered, and packets are lost.
     */
    public static final WhenFull WAIT = new WhenFull("wait", new byte[0]);

    /** Requests are rejected: connections are closed at once, and packets are dropped. */
    public static final WhenFull REJECT = new WhenFull("reject", new byte[0]);

    private final String name;
    private final byte[] answer;

    private WhenFull(String name, byte[] answer) {
        this.name = name;
        this.answer = answer;
    }

    /**
     * Returns an action that rejects requests with an answer: the bytes, then a clean close, or one packet.
     *
     * <p>The server does not wait until the bytes are sent. What a client still sends over its connection is read and
     * dropped for up to 2 s, so that it reads the answer and not a reset, even if it sends its request only then. Over
     * UDP the sender's address can be forged, so an answer should not be longer than the request.
     *
     * @param bytes the answer; copied; 1 to 4,096 bytes
     * @return the action
     * @throws IllegalArgumentException if the length is out of bounds
     */
    public static WhenFull answer(byte[] bytes) {
        Objects.requireNonNull(bytes, "bytes");
        if (bytes.length < 1 || bytes.length > MAX_ANSWER) {
            throw new IllegalArgumentException("the answer when full has " + bytes.length
                    + " bytes; it must have from 1 to " + MAX_ANSWER + " bytes");
        }
        return new WhenFull("answer " + bytes.length + " bytes", bytes.clone());
    }

    /**
     * Returns an action that rejects requests with a text in UTF-8, as {@link #answer(byte[])} does.
     *
     * @param text the answer, including the line end if it needs one; 1 to 4,096 bytes
     * @return the action
     * @throws IllegalArgumentException if the length is out of bounds
     */
    public static WhenFull answer(String text) {
        return answer(Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Returns whether requests wait in the kernel.
     *
     * @return true for {@link #WAIT}
     */
    public boolean waits() {
        return this == WAIT;
    }

    /**
     * Returns the answer to rejected requests.
     *
     * @return a copy of the bytes; empty for {@link #WAIT} and {@link #REJECT}
     */
    public byte[] answer() {
        return answer.clone();
    }

    /** Returns {@code wait}, {@code reject}, or {@code answer N bytes}. */
    @Override
    public String toString() {
        return name;
    }
}
