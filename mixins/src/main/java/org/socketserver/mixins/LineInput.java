package org.socketserver.mixins;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A buffered input that also reads lines. The first read allocates a small buffer. The buffer grows while reads fill
 * it, and becomes small again after two reads that returned little.
 *
 * <p>Not safe for use by several threads.
 */
final class LineInput extends InputStream {
    private static final byte[] NONE = {};
    /** The size of a small buffer, in bytes. */
    private static final int SMALL = 256;
    /** The factor by which a full buffer grows. */
    private static final int GROWTH = 4;

    /** The longest array that a JVM allocates. */
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    /** Counts the buffered bytes: {@link org.socketserver.api.StreamRequest#buffered}. */
    interface Account {
        void buffered(long bytes) throws IOException;
    }

    private final InputStream source;
    private final int size;
    private final Account account;
    private byte[] buffer = NONE;
    private int position;
    private int limit;
    /** The number of consecutive reads for which a small buffer would have been enough. */
    private int smallReads;
    /** The size of the array for the current line or frame, if it counts. */
    private long message;

    /** Creates an input that buffers at most {@code size} bytes, at least 1. */
    LineInput(InputStream source, int size, Account account) {
        this.source = source;
        this.size = size;
        this.account = account;
    }

    @Override
    public int read() throws IOException {
        return position < limit || fill(1) ? buffer[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (position == limit) {
            if (length >= size) {
                return source.read(target, offset, length);
            }
            if (!fill(length)) {
                return -1;
            }
        }
        int count = Math.min(length, limit - position);
        System.arraycopy(buffer, position, target, offset, count);
        position += count;
        return count;
    }

    @Override
    public int available() {
        return limit - position;
    }

    /**
     * Reads to the next LF or to the end of input, and returns the text without LF or CR LF.
     *
     * <p>Holds at most {@code most} bytes, one more that may be the CR, and the buffer.
     *
     * @return null at the end of input
     * @throws LineTooLongException if a line has more than {@code most} bytes; thrown as soon as that is known
     * @throws MalformedTextException as {@link TextDecoder#decode}; the line has been read
     */
    @Nullable
    String readLine(int most, Charset charset, CodingErrorAction malformed) throws IOException {
        if (position == limit && !fill(1)) {
            return null;
        }
        try {
            return readLineFrom(most, charset, malformed);
        } finally {
            message(0);
        }
    }

    private String readLineFrom(int most, Charset charset, CodingErrorAction malformed) throws IOException {
        byte[] line = NONE;
        int held = 0;
        while (true) {
            int end = indexOfLineFeed();
            int until = end < 0 ? limit : end;
            int count = until - position;
            // The last byte may be a CR before the LF, which is not part of the line; the LF may be in the next read.
            boolean mayEnd = count > 0 && buffer[until - 1] == '\r';
            if (count > 0 && (long) held + count - (mayEnd ? 1 : 0) > most) {
                throw new LineTooLongException(most);
            }
            if (end >= 0 && held == 0) {
                int from = position;
                position = end + 1;
                return TextDecoder.decode(buffer, from, mayEnd ? end - 1 : end, charset, malformed);
            }
            line = withRoom(line, held, count, most);
            System.arraycopy(buffer, position, line, held, count);
            held += count;
            position = end < 0 ? limit : end + 1;
            if (end >= 0 || !fill(1)) {
                int length = end >= 0 && line[held - 1] == '\r' ? held - 1 : held;
                if (length > most) {
                    throw new LineTooLongException(most);
                }
                return TextDecoder.decode(line, 0, length, charset, malformed);
            }
        }
    }

    private byte[] withRoom(byte[] line, int held, int count, int most) throws IOException {
        int room = room(line.length, Math.addExact(held, count), most);
        return room == line.length ? line : grown(line, room, this::message);
    }

    /**
     * Returns the size of the array for a line: doubled, so that a long line is not copied for each read, but not
     * beyond the maximum length.
     */
    static int room(int size, int needed, int most) {
        if (needed <= size) {
            return size;
        }
        return Math.max(needed, (int) Math.min(2L * needed, Math.min(most + 1L, MAX_ARRAY)));
    }

    /** Returns a longer copy of an array. Both count while both exist. */
    static byte[] grown(byte[] array, int size, Account account) throws IOException {
        account.buffered((long) array.length + size);
        byte[] longer = Arrays.copyOf(array, size);
        account.buffered(size);
        return longer;
    }

    /** Reports the size of the array for the current line or frame; 0 if there is none any more. */
    void message(long bytes) throws IOException {
        long counted = counted(bytes);
        if (counted != message) {
            account.buffered(counted(buffer.length) + counted);
            message = counted;
        }
    }

    private static long counted(long bytes) {
        return bytes > SMALL ? bytes : 0;
    }

    private int indexOfLineFeed() {
        for (int index = position; index < limit; index++) {
            if (buffer[index] == '\n') {
                return index;
            }
        }
        return -1;
    }

    private boolean fill(int wanted) throws IOException {
        makeFit(wanted);
        int count = source.read(buffer, 0, buffer.length);
        position = 0;
        limit = Math.max(0, count);
        // A read that has filled a small buffer may be part of something larger.
        smallReads = count < SMALL ? smallReads + 1 : 0;
        return count > 0;
    }

    /** Resizes the empty buffer according to the last reads, and at once if much is wanted. */
    private void makeFit(int wanted) throws IOException {
        if (wanted > SMALL && wanted > buffer.length) {
            resize(size);
        } else if (buffer == NONE) {
            resize(Math.min(size, SMALL));
        } else if (limit == buffer.length && limit < size) {
            resize((int) Math.min(size, (long) GROWTH * limit));
        } else if (buffer.length > SMALL && smallReads >= 2 && wanted <= SMALL) {
            resize(SMALL);
        }
    }

    private void resize(int bytes) throws IOException {
        boolean counts = counted(bytes) != counted(buffer.length);
        position = 0;
        limit = 0;
        // Before the new one is allocated, because it is empty.
        buffer = NONE;
        if (counts) {
            account.buffered(counted(bytes) + message);
        }
        buffer = new byte[bytes];
    }
}
