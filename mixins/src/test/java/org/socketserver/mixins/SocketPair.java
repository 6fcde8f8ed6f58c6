package org.socketserver.mixins;

import java.io.IOException;
import java.net.StandardProtocolFamily;
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
        return new ControlChannel(parent, parent);
    }

    /** Returns a control channel over the worker's end. */
    public ControlChannel workerControl() {
        return new ControlChannel(worker, worker);
    }

    @Override
    public void close() throws IOException {
        parent.close();
        worker.close();
    }
}
