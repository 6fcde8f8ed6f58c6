package org.socketserver.mixins.forking.parent;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The socket where one worker connects, and beside it a file with the options of its JVM. Closing it wakes a thread
 * that accepts, and removes both files.
 */
record ControlSocket(Path path, ServerSocketChannel channel) implements Closeable {
    static ControlSocket at(Path path) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            return new ControlSocket(path, channel.bind(UnixDomainSocketAddress.of(path)));
        } catch (IOException | RuntimeException failure) {
            Quietly.close(channel);
            throw failure;
        }
    }

    /** Returns the path of the file with options. */
    Path options() {
        return Path.of(path + ".options");
    }

    SocketChannel accept() throws IOException {
        return channel.accept();
    }

    @Override
    public void close() {
        Quietly.close(channel);
        try {
            Files.deleteIfExists(path);
            Files.deleteIfExists(options());
        } catch (IOException left) {
            // Removed with the folder.
        }
    }
}
