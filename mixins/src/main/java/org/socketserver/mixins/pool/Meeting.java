package org.socketserver.mixins.pool;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.socketserver.api.internal.EventLog;
import org.socketserver.mixins.descriptor.DescriptorLink;
import org.socketserver.mixins.descriptor.DescriptorListener;
import org.socketserver.mixins.wire.ChannelLink;
import org.socketserver.mixins.wire.Link;

/** A socket in a private folder where one worker meets its parent. Closing it wakes who waits, and removes it. */
final class Meeting implements Closeable {
    private final Path path;
    private final Listener listener;

    /** Where the worker connects. */
    private interface Listener extends Closeable {
        Link accept() throws IOException;
    }

    private Meeting(Path path, Listener listener) {
        this.path = path;
        this.listener = listener;
    }

    static Meeting at(Path path, boolean descriptors) throws IOException {
        return new Meeting(path, descriptors ? Native.listen(path) : listen(path));
    }

    private static Listener listen(Path path) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        boolean bound = false;
        try {
            channel.bind(UnixDomainSocketAddress.of(path));
            bound = true;
        } finally {
            if (!bound) {
                channel.close();
            }
        }
        return new Listener() {
            @Override
            public Link accept() throws IOException {
                return new ChannelLink(channel.accept());
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    Path path() {
        return path;
    }

    /** Waits for somebody to come. */
    Link accept() throws IOException {
        return listener.accept();
    }

    @Override
    public void close() throws IOException {
        try {
            listener.close();
        } finally {
            Files.deleteIfExists(path);
        }
    }

    private static boolean isSameUser(DescriptorLink link) {
        try {
            return link.peerIsSameUser();
        } catch (IOException gone) {
            return false;
        }
    }

    /** Where junixsocket is loaded: only if descriptors shall be passed. */
    private static final class Native {
        static Listener listen(Path path) throws IOException {
            DescriptorListener listener = DescriptorListener.bind(path);
            return new Listener() {
                @Override
                public Link accept() throws IOException {
                    while (true) {
                        DescriptorLink link = listener.accept();
                        if (isSameUser(link)) {
                            return link;
                        }
                        EventLog.PROCESS.log(
                                Level.WARNING,
                                "stranger",
                                "a process of another user came to the socket of a worker, and was refused");
                        link.close();
                    }
                }

                @Override
                public void close() throws IOException {
                    listener.close();
                }
            };
        }
    }
}
