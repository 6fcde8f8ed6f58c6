package org.socketserver.unix;

import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.socketserver.api.ServerOptions;

/** A listening channel of the JDK on a socket file, and that file. */
record FileListener(ServerSocketChannel channel, SocketFile file) {
    /**
     * Creates the file. It has the permissions of the options from the moment when clients can connect.
     *
     * @throws IOException if the path can't be bound; nothing is left behind then
     */
    static FileListener bind(UnixAddress address, ServerOptions options) throws IOException {
        Path path = address.path().orElseThrow();
        SocketFile.TURN.lock();
        try {
            SocketFile.makeRoom(path);
            return bind(path, options);
        } catch (IOException failure) {
            throw SocketFile.unbound(path, failure);
        } finally {
            SocketFile.TURN.unlock();
        }
    }

    private static FileListener bind(Path path, ServerOptions options) throws IOException {
        ServerSocketChannel channel = open();
        boolean bound = false;
        try {
            if (options.receiveBufferSize() > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBufferSize());
            }
            SocketFile file = options.socketFileMode().isEmpty()
                    ? bindDirectly(channel, path, options)
                    : bindPrivately(channel, path, options);
            bound = true;
            return new FileListener(channel, file);
        } finally {
            if (!bound) {
                channel.close();
            }
        }
    }

    private static ServerSocketChannel open() throws IOException {
        try {
            return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (UnsupportedOperationException unknown) {
            throw NativeSockets.unsupported("Unix stream sockets", unknown);
        }
    }

    private static SocketFile bindDirectly(ServerSocketChannel channel, Path path, ServerOptions options)
            throws IOException {
        channel.bind(UnixDomainSocketAddress.of(path), options.backlog());
        return SocketFile.made(path, path);
    }

    private static SocketFile bindPrivately(ServerSocketChannel channel, Path path, ServerOptions options)
            throws IOException {
        try (PrivateFolder folder = PrivateFolder.beside(path)) {
            Path born = folder.socket();
            int size = born.toString().getBytes(UnixAddress.pathCharset()).length;
            if (size > UnixAddress.LONGEST_SERVER_PATH) {
                throw new BindException("to set its mode the socket file is made under another name first, and " + born
                        + " has " + size + " bytes; a Unix socket allows at most " + UnixAddress.LONGEST_SERVER_PATH);
            }
            channel.bind(UnixDomainSocketAddress.of(born), options.backlog());
            Files.setPosixFilePermissions(born, options.socketFileMode());
            SocketFile file = SocketFile.made(path, born);
            // Unlike a rename, a link never replaces a file that was created meanwhile (link(2): EEXIST).
            Files.createLink(path, born);
            return file;
        }
    }
}
