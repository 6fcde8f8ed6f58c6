package org.socketserver.unix;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.Optional;
import java.util.OptionalLong;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketCredentials;
import org.socketserver.api.SocketChannelConnection;
import org.socketserver.api.VirtualThreads;

/**
 * A connection to an abstract name: a channel of junixsocket.
 *
 * <p>Works on virtual threads by way of {@link PlatformThreads}. The descriptor is released when the connection is closed
 * and no call is inside the channel any more: junixsocket reads and writes by number, without a lock, so a call that
 * began before the release could reach the next connection with that number.
 */
final class NativeConnection extends SocketChannelConnection {
    private final AFUNIXSocketChannel channel;
    private int calls;
    private boolean closed;
    private boolean released;

    NativeConnection(AFUNIXSocketChannel channel, UnixAddress server) throws IOException {
        super(channel, server, NativeSockets.address(channel.getRemoteAddress()));
        this.channel = channel;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return VirtualThreads.isCurrent()
                ? PlatformThreads.call(() -> transfer(target, false), this::close)
                : transfer(target, false);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return VirtualThreads.isCurrent()
                ? PlatformThreads.call(() -> transfer(source, true), this::close)
                : transfer(source, true);
    }

    private int transfer(ByteBuffer bytes, boolean output) throws IOException {
        enter();
        try {
            int count = output ? channel.write(bytes) : channel.read(bytes);
            // A close wakes waiting calls by a shutdown, which looks like the peer's end.
            if (isClosed()) {
                throw new AsynchronousCloseException();
            }
            return count;
        } catch (ClosedByInterruptException interrupted) {
            throw interrupted;
        } catch (ClosedChannelException | NotYetConnectedException failure) {
            if (isClosed()) {
                throw failure instanceof ClosedChannelException known ? known : new AsynchronousCloseException();
            }
            // junixsocket says this of EPIPE and ECONNRESET, and has closed the channel.
            throw new IOException("Broken pipe", failure);
        } finally {
            leave();
        }
    }

    private synchronized void enter() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
        calls++;
    }

    private void leave() throws IOException {
        boolean last;
        synchronized (this) {
            calls--;
            last = closed && calls == 0 && !released;
            released |= last;
        }
        if (last) {
            channel.close();
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public void shutdownInput() throws IOException {
        enter();
        try {
            channel.shutdownInput();
        } finally {
            leave();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        enter();
        try {
            channel.shutdownOutput();
        } finally {
            leave();
        }
    }

    @Override
    public boolean nonBlocking() throws IOException {
        enter();
        try {
            channel.configureBlocking(false);
            return true;
        } finally {
            leave();
        }
    }

    @Override
    public boolean isOpen() {
        return !isClosed();
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            calls++;
        }
        try {
            channel.shutdownInput();
            channel.shutdownOutput();
        } finally {
            leave();
        }
    }

    @Override
    public void detach() throws IOException {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            released = true;
        }
        // The close of the channel alone would shut the connection down for the other process too.
        new FileInputStream(channel.getFileDescriptor()).close();
        channel.close();
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
                // A number that is nobody's name is looked up as a number.
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

    /** Writes an id as the JDK reads it: as an int, so that those from 2^31 on are negative. */
    private static String number(long id) {
        return Integer.toString((int) id);
    }
}
