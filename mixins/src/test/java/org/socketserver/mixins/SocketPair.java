package org.socketserver.mixins;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.socketserver.mixins.forking.wire.ControlChannel;

/**
 * Both ends of a Unix domain connection within this process.
 *
 * @param parent the parent's end
 * @param worker the worker's end
 */
public record SocketPair(SocketChannel parent, SocketChannel worker) implements AutoCloseable {
    /** Opens a connection. */
    public static SocketPair open() throws IOException {
        Path folder = Files.createTempDirectory("pair");
        Path path = folder.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(java.net.UnixDomainSocketAddress.of(path));
            SocketChannel worker = SocketChannel.open(server.getLocalAddress());
            return new SocketPair(server.accept(), worker);
        } finally {
            Files.deleteIfExists(path);
            Files.delete(folder);
        }
    }

    /** Returns a control channel over the parent's end. */
    public ControlChannel parentControl() {
        return control(parent);
    }

    /** Returns a control channel over the worker's end. */
    public ControlChannel workerControl() {
        return control(worker);
    }

    /** Unlike the stream of JDK 17, the output can be written while another thread reads. */
    private static ControlChannel control(SocketChannel channel) {
        OutputStream output = new OutputStream() {
            @Override
            public void write(int single) throws IOException {
                write(new byte[] {(byte) single});
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                ByteBuffer source = ByteBuffer.wrap(bytes, offset, length);
                while (source.hasRemaining()) {
                    channel.write(source);
                }
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
        return new ControlChannel(Channels.newInputStream(channel), output);
    }

    @Override
    public void close() throws IOException {
        parent.close();
        worker.close();
    }
}
