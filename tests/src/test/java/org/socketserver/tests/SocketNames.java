package org.socketserver.tests;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.socketserver.unix.UnixAddress;

/** Unique Unix socket names, and test clients that are bound to them. */
final class SocketNames {
    private static final Path FOLDER = folder();
    private static final AtomicInteger COUNT = new AtomicInteger();

    private SocketNames() {}

    /** Returns a folder with a short path, which is deleted when the JVM exits. */
    private static Path folder() {
        try {
            Path folder = Files.createTempDirectory("sock");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                for (File left : folder.toFile().listFiles()) {
                    left.delete();
                }
                folder.toFile().delete();
            }));
            return folder;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static UnixAddress path() {
        return UnixAddress.path(FOLDER.resolve("s" + COUNT.incrementAndGet()));
    }

    static UnixAddress abstractName() {
        return UnixAddress.abstractName(
                "socketserver-test-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
    }

    static AFUNIXSocketAddress nativeAddress(UnixAddress address) throws IOException {
        return address.path().isPresent()
                ? AFUNIXSocketAddress.of(address.path().get())
                : AFUNIXSocketAddress.inAbstractNamespace(address.abstractName().orElseThrow());
    }

    /** Connects to a server with a channel of junixsocket. */
    static AFUNIXSocketChannel channel(UnixAddress server) throws IOException {
        // Not AFUNIXSocketChannel.connect, after which the channel's socket says that it is not connected.
        return AFUNIXSocket.connectTo(nativeAddress(server)).getChannel();
    }

    static DatagramClient datagramClient(UnixAddress self, UnixAddress server) throws IOException {
        AFUNIXDatagramChannel channel = AFUNIXDatagramChannel.open();
        channel.bind(nativeAddress(self));
        return new DatagramClient(channel, self, nativeAddress(server));
    }
}
