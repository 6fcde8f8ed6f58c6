package org.socketserver.mixins;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A buffered input that reads lines. The buffer is allocated by the first read, so an idle connection costs none.
 *
 * <p>Used by one thread; takes no locks.
 */
final class LineInput extends InputStream {
    private static final byte[] NONE = {};

    private final InputStream source;
    private final int size;
    private byte[] buffer = NONE;
    private int position;
    private int limit;

    /** Buffers as many bytes as given, at least 1. */
    LineInput(InputStream source, int size) {
        this.source = source;
        this.size = size;
    }

    @Override
    public int read() throws IOException {
        return position < limit || fill() ? buffer[position++] & 0xff : -1;
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
            if (!fill()) {
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
     * Reads to the next LF or to the end of input, and gives the text without LF or CR LF.
     *
     * @return null at the end of input
     * @throws LineTooLongException if more than {@code most} bytes came without an end of line
     */
    @Nullable
    String readLine(int most, Charset charset) throws IOException {
        if (position == limit && !fill()) {
            return null;
        }
        ByteArrayOutputStream before = null;
        while (true) {
            int end = indexOfLineFeed();
            int until = end < 0 ? limit : end;
            int held = before == null ? 0 : before.size();
            // One byte more, as it may be the CR.
            if (held + (until - position) > (long) most + 1) {
                throw new LineTooLongException(most);
            }
            if (end >= 0 && before == null) {
                String line = text(buffer, position, end, true, most, charset);
                position = end + 1;
                return line;
            }
            if (before == null) {
                before = new ByteArrayOutputStream(2 * (until - position));
            }
            before.write(buffer, position, until - position);
            position = end < 0 ? limit : end + 1;
            if (end >= 0 || !fill()) {
                byte[] all = before.toByteArray();
                return text(all, 0, all.length, end >= 0, most, charset);
            }
        }
    }

    private static String text(byte[] bytes, int from, int to, boolean ended, int most, Charset charset)
            throws LineTooLongException {
        int until = ended && to > from && bytes[to - 1] == '\r' ? to - 1 : to;
        if (until - from > most) {
            throw new LineTooLongException(most);
        }
        return new String(bytes, from, until - from, charset);
    }

    private int indexOfLineFeed() {
        for (int index = position; index < limit; index++) {
            if (buffer[index] == '\n') {
                return index;
            }
        }
        return -1;
    }

    private boolean fill() throws IOException {
        if (buffer == NONE) {
            buffer = new byte[size];
        }
        int count = source.read(buffer, 0, size);
        position = 0;
        limit = Math.max(0, count);
        return count > 0;
    }
}
