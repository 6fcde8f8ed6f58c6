package org.socketserver.mixins;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes frames. A frame is a length, big-endian and unsigned, followed by that many bytes. Keeps no state
 * between frames.
 *
 * <p>A length that a peer announces costs no memory until the bytes arrive: the array for a frame starts small and at
 * most doubles as bytes arrive. It is never longer than the frame, and never longer than 8 KiB or twice the bytes that
 * have arrived, whichever is more.
 */
final class Framing {
    private static final int FIRST_CHUNK = 8 * 1024;
    /** Bytes in one read, because the JDK reads into a direct buffer as large as the array. */
    private static final int READ_CHUNK = 128 * 1024;

    private final int prefixBytes;

    /**
     * Creates a framing.
     *
     * @throws IllegalStateException if {@code prefixBytes} is not 1, 2 or 4
     */
    Framing(int prefixBytes) {
        if (prefixBytes != 1 && prefixBytes != 2 && prefixBytes != 4) {
            throw new IllegalStateException(
                    "framePrefixBytes is " + prefixBytes + " bytes; it must be 1, 2 or 4 bytes");
        }
        this.prefixBytes = prefixBytes;
    }

    /** Returns the maximum length of a frame whose length fits the prefix, in bytes. */
    long longest() {
        return (1L << 8 * prefixBytes) - 1;
    }

    /**
     * Checks a limit from a user.
     *
     * @throws IllegalStateException if it is less than 1 or more than the prefix can express
     */
    int checkedLimit(int limit) {
        if (limit < 1 || limit > longest()) {
            throw new IllegalStateException("maxFrameLength is " + limit + " bytes; with a prefix of " + prefixBytes
                    + (prefixBytes == 1 ? " byte" : " bytes") + " it must be 1 to " + longest() + " bytes");
        }
        return limit;
    }

    /**
     * Reads the next frame.
     *
     * @param account counts the array for the frame until the frame is complete
     * @return null at the end of input
     * @throws FrameTooLongException if it has more than {@code limit} bytes; only its prefix has been read
     * @throws TruncatedFrameException if the input ends before the frame does
     */
    byte @Nullable [] read(InputStream input, int limit, LineInput.Account account) throws IOException {
        long length = 0;
        for (int received = 0; received < prefixBytes; received++) {
            int next = input.read();
            if (next < 0) {
                if (received == 0) {
                    return null;
                }
                throw new TruncatedFrameException("frame's prefix", received, prefixBytes);
            }
            length = length << 8 | next;
        }
        if (length > limit) {
            throw new FrameTooLongException(length, limit);
        }
        try {
            return readBody(input, (int) length, account);
        } finally {
            account.buffered(0);
        }
    }

    private static byte[] readBody(InputStream input, int length, LineInput.Account account) throws IOException {
        int first = Math.min(length, FIRST_CHUNK);
        if (input.available() < length) {
            // Otherwise it has arrived, and nothing waits for the client.
            account.buffered(first);
        }
        byte[] frame = new byte[first];
        int received = 0;
        while (received < length) {
            if (received == frame.length) {
                frame = LineInput.grown(frame, (int) Math.min(length, 2L * frame.length), account);
            }
            int count = input.read(frame, received, Math.min(frame.length - received, READ_CHUNK));
            if (count < 0) {
                throw new TruncatedFrameException("frame", received, length);
            }
            received += count;
        }
        return frame;
    }

    /**
     * Returns a frame with its prefix.
     *
     * @return the prefix and the frame
     * @throws IllegalArgumentException if the frame is longer than the prefix can express
     */
    byte[] prefixed(byte[] frame) {
        if (frame.length > longest()) {
            throw new IllegalArgumentException("a frame of " + frame.length + " bytes is longer than " + longest()
                    + " bytes, which is all that its prefix can say");
        }
        byte[] all = new byte[prefixBytes + frame.length];
        for (int index = 0; index < prefixBytes; index++) {
            all[index] = (byte) (frame.length >>> 8 * (prefixBytes - 1 - index));
        }
        System.arraycopy(frame, 0, all, prefixBytes, frame.length);
        return all;
    }
}
