package org.socketserver.api;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * What becomes of requests for which there is no room: when the mix-in runs as many as it may, or the accept rate is
 * used up. Set with {@link Limits#whenFull}. A server without a mix-in runs one request at a time and looks at no other
 * meanwhile, so there only the rate counts.
 */
public final class WhenFull {
    /** Most bytes that an answer may have; a fresh connection takes that many without waiting. */
    private static final int LONGEST_ANSWER = 4_096;

    /**
     * Lets them wait in the kernel: nothing is accepted or received until there is room. The default.
     *
     * <p>Costs nothing, and nobody is turned away before the kernel's queue is full: then connections are not answered,
     * and packets are lost.
     */
    public static final WhenFull WAIT = new WhenFull("wait", new byte[0]);

    /** Turns them away: connections are closed at once, packets dropped. */
    public static final WhenFull REFUSE = new WhenFull("refuse", new byte[0]);

    private final String name;
    private final byte[] answer;

    private WhenFull(String name, byte[] answer) {
        this.name = name;
        this.answer = answer;
    }

    /**
     * Turns them away with a few bytes, then a clean close; as one packet where there are packets.
     *
     * <p>The bytes are offered once and not waited for. What the peer of a connection sends is read and dropped for up
     * to 2 s, so that it reads them and no reset, also if it sends its request only now. Over UDP think of senders
     * whose address is forged: an answer should not be longer than what asked for it.
     *
     * @param bytes what to say; copied; 1 to 4,096 bytes
     * @return that
     * @throws IllegalArgumentException if there are no bytes, or too many
     */
    public static WhenFull answer(byte[] bytes) {
        Objects.requireNonNull(bytes, "bytes");
        if (bytes.length < 1 || bytes.length > LONGEST_ANSWER) {
            throw new IllegalArgumentException("the answer when full has " + bytes.length
                    + " bytes; it must have from 1 to " + LONGEST_ANSWER + " bytes");
        }
        return new WhenFull("answer " + bytes.length + " bytes", bytes.clone());
    }

    /**
     * Turns them away with a few words in UTF-8, as {@link #answer(byte[])} does.
     *
     * @param text what to say, with its line end if it shall have one; 1 to 4,096 bytes
     * @return that
     * @throws IllegalArgumentException if it is empty or too long
     */
    public static WhenFull answer(String text) {
        return answer(Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Returns whether requests for which there is no room wait and are not fetched.
     *
     * @return true for {@link #WAIT}
     */
    public boolean waits() {
        return this == WAIT;
    }

    /**
     * Returns what rejected peers are told.
     *
     * @return the bytes, a copy; none for {@link #WAIT} and {@link #REFUSE}
     */
    public byte[] answer() {
        return answer.clone();
    }

    /** Returns {@code wait}, {@code refuse}, or {@code answer N bytes}. */
    @Override
    public String toString() {
        return name;
    }
}
