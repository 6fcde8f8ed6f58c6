package org.socketserver.fuzz;

import java.io.InputStream;
import java.nio.ByteBuffer;

/** Bytes that arrive in pieces, as from a socket: each read returns at most one piece. */
public final class Pieces extends InputStream {
    private final byte[] bytes;
    private final long sizes;
    private int given;
    private int reads;

    /**
     * Creates an input.
     *
     * @param sizes the sizes of the first 16 pieces, 4 bits each, and of the next 16 and so on; 0 for 1 byte, 14 for
     *     15 bytes, and 15 for all that is wanted
     */
    public Pieces(byte[] bytes, long sizes) {
        this.bytes = bytes;
        this.sizes = sizes;
    }

    /** Returns how many bytes were read. */
    public int given() {
        return given;
    }

    private int next(int wanted) {
        int size = (int) (sizes >>> 4 * (reads++ % 16)) & 0xf;
        int piece = size == 0xf ? wanted : Math.min(wanted, size + 1);
        return Math.min(piece, bytes.length - given);
    }

    @Override
    public int read() {
        return given < bytes.length ? bytes[given++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        return read(ByteBuffer.wrap(target, offset, length));
    }

    /** Reads as a channel does. */
    public int read(ByteBuffer target) {
        if (!target.hasRemaining()) {
            return 0;
        }
        int count = next(target.remaining());
        if (count == 0) {
            return -1;
        }
        target.put(bytes, given, count);
        given += count;
        return count;
    }
}
