package org.socketserver.mixins.forking.descriptor;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.socketserver.api.spi.Connection;

/**
 * A worker's end of a {@link DescriptorOutput}: receives file descriptors with the bytes.
 *
 * <p>One platform thread at a time reads, and takes the connections that came with the bytes. A read is not ended by an
 * interrupt, but by the exit of the parent.
 */
public final class DescriptorInput extends FilterInputStream {
    /** Room for the descriptors of one read, which are never more than those of one write. */
    private static final int ANCILLARY_BYTES = 256;

    /** junixsocket clears and copies as many bytes as are asked for. */
    private static final int READ_AT_ONCE = 4096;

    private final AFUNIXSocket socket;
    private final FileDescriptor descriptor;
    private final Queue<FileDescriptor> received = new ArrayDeque<>();

    private DescriptorInput(AFUNIXSocket socket) throws IOException {
        super(socket.getInputStream());
        this.socket = socket;
        descriptor = socket.getFileDescriptor();
    }

    /** Connects to a Unix-domain socket. */
    public static DescriptorInput connect(Path path) throws IOException {
        AFUNIXSocket socket = AFUNIXSocket.newInstance();
        try {
            socket.connect(AFUNIXSocketAddress.of(path));
            socket.setAncillaryReceiveBufferSize(ANCILLARY_BYTES);
            return new DescriptorInput(socket);
        } catch (IOException | RuntimeException failure) {
            socket.close();
            throw failure;
        }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = in.read(target, offset, Math.min(length, READ_AT_ONCE));
        Collections.addAll(received, socket.getReceivedFileDescriptors());
        return count;
    }

    /** Returns the output to the other end, which carries bytes only. */
    public OutputStream output() throws IOException {
        return socket.getOutputStream();
    }

    /**
     * Returns the connection that came with the bytes that were read, the first if there are several.
     *
     * @param local its address on the server's side
     * @param remote that of its peer
     * @param attributes its attributes
     * @throws IOException if none came
     */
    public Connection received(SocketAddress local, SocketAddress remote, List<Object> attributes) throws IOException {
        FileDescriptor next = received.poll();
        if (next == null) {
            throw new IOException("no connection came with the bytes; this process may have no descriptor free");
        }
        return new ReceivedConnection(this, next, local, remote, attributes);
    }

    /** Closes this end, and received connections that were not taken. Called by the thread that reads. */
    @Override
    public void close() throws IOException {
        // Not the socket itself, which would also close the connections that were taken.
        new FileInputStream(descriptor).close();
        for (FileDescriptor unused = received.poll(); unused != null; unused = received.poll()) {
            new FileInputStream(unused).close();
        }
    }
}
