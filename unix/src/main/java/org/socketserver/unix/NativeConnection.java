package org.socketserver.unix;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketCredentials;
import org.newsclub.net.unix.FileDescriptorCast;
import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.api.spi.DescriptorConnection;

/**
 * A connection to an abstract name: a channel of junixsocket.
 *
 * <p>Works on virtual threads with the help of {@link PlatformThreads}.
 */
final class NativeConnection extends DescriptorConnection {
    private final AFUNIXSocketChannel channel;
    private volatile @Nullable FileDescriptorCast copy;

    NativeConnection(AFUNIXSocketChannel channel, UnixAddress server) throws IOException {
        super(channel.getFileDescriptor(), server, UnixAddress.ofLibrary(channel.getRemoteAddress()));
        this.channel = channel;
    }

    @Override
    public Optional<SocketChannel> channel() {
        return Optional.of(channel);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return VirtualThreads.isCurrent()
                ? PlatformThreads.call(() -> super.read(target), this::close)
                : super.read(target);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return VirtualThreads.isCurrent()
                ? PlatformThreads.call(() -> super.write(source), this::close)
                : super.write(source);
    }

    @Override
    protected void shutdown(boolean isOutput) throws IOException {
        if (isOutput) {
            channel.shutdownOutput();
        } else {
            channel.shutdownInput();
        }
    }

    @Override
    protected SocketChannel nonBlockingChannel() throws IOException {
        FileDescriptorCast made = FileDescriptorCast.duplicating(channel.getFileDescriptor());
        copy = made;
        SocketChannel nonBlocking = made.as(AFUNIXSocketChannel.class);
        nonBlocking.configureBlocking(false);
        return nonBlocking;
    }

    @Override
    protected void release() throws IOException {
        FileDescriptorCast made = copy;
        Closeable descriptor = super::release;
        // The channel last, because it shuts down a descriptor that is still open, for all processes that have it.
        try (channel;
                descriptor) {
            if (made != null) {
                new FileInputStream(made.getFileDescriptor()).close();
            }
        }
    }

    @Override
    public <T> Optional<T> attribute(Class<T> type) {
        return type == PeerCredentials.class ? credentials().map(type::cast) : Optional.empty();
    }

    private Optional<PeerCredentials> credentials() {
        try {
            enter();
            try {
                AFUNIXSocketCredentials peer = channel.getPeerCredentials();
                UserPrincipalLookupService principals = FileSystems.getDefault().getUserPrincipalLookupService();
                // A number that is not the name of a user is looked up as a number.
                return Optional.of(new PeerCredentials(
                        principals.lookupPrincipalByName(number(peer.getUid())),
                        principals.lookupPrincipalByGroupName(number(peer.getGid())),
                        peer.getPid() > 0 ? OptionalLong.of(peer.getPid()) : OptionalLong.empty()));
            } finally {
                leave();
            }
        } catch (IOException closedOrUnknown) {
            return Optional.empty();
        }
    }

    /** Returns an id as the JDK parses it: as an int, so ids from 2^31 on are negative. */
    private static String number(long id) {
        return Integer.toString((int) id);
    }
}
