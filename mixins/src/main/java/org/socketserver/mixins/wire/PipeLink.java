package org.socketserver.mixins.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** A link over the standard input of a worker: the parent writes, the worker reads. */
public final class PipeLink implements Link {
    private final InputStream input;
    private final OutputStream output;

    private PipeLink(InputStream input, OutputStream output) {
        this.input = input;
        this.output = output;
    }

    /**
     * The worker's end.
     *
     * @param input its standard input
     * @return a link that only reads
     */
    public static PipeLink of(InputStream input) {
        return new PipeLink(input, OutputStream.nullOutputStream());
    }

    /**
     * The parent's end.
     *
     * @param output what leads to the worker's standard input
     * @return a link that only writes
     */
    public static PipeLink of(OutputStream output) {
        return new PipeLink(InputStream.nullInputStream(), output);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int count = input.read(target.array(), target.arrayOffset() + target.position(), target.remaining());
        if (count > 0) {
            target.position(target.position() + count);
        }
        return count;
    }

    @Override
    public void write(ByteBuffer source) throws IOException {
        output.write(source.array(), source.arrayOffset() + source.position(), source.remaining());
        source.position(source.limit());
        output.flush();
    }

    @Override
    public void close() throws IOException {
        try {
            output.close();
        } finally {
            input.close();
        }
    }
}
