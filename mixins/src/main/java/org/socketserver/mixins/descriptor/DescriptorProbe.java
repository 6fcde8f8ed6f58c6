package org.socketserver.mixins.descriptor;

import java.io.File;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * What asks about whatever has a number now. There is at most one for each number, kept for the life of the process: it
 * costs some objects, and making it looks at the descriptor's blocking mode and sets it to the same, which could undo a
 * change by somebody else.
 *
 * <p>Never closes its number: casts don't when they are collected, and nobody closes this one. All methods may be
 * called from any thread.
 */
final class DescriptorProbe {
    private static final ConcurrentMap<Integer, DescriptorProbe> ALL = new ConcurrentHashMap<>();

    private final FileDescriptor descriptor;
    private final SocketChannel channel;
    private final File file;

    private DescriptorProbe(int number) throws IOException {
        FileDescriptorCast cast = FileDescriptorCast.unsafeUsing(number);
        if (!cast.isAvailable(SocketChannel.class)) {
            throw new IOException("no stream socket");
        }
        descriptor = cast.getFileDescriptor();
        channel = cast.as(SocketChannel.class);
        file = DescriptorNumbers.FOLDER.resolve(Integer.toString(number)).toFile();
    }

    /**
     * Returns the probe of a number that is a stream socket which the caller keeps open.
     *
     * @throws IOException if it is none
     */
    static DescriptorProbe of(int number) throws IOException {
        DescriptorProbe known = ALL.get(number);
        if (known == null || !known.descriptor.valid()) {
            known = new DescriptorProbe(number);
            ALL.put(number, known);
        }
        return known;
    }

    /** Returns the probe of a number that had one before, whatever the number is now. */
    static Optional<DescriptorProbe> known(int number) {
        return Optional.ofNullable(ALL.get(number));
    }

    /**
     * Copies whatever has the number now, if that is no regular file: to close a copy of one would release the locks
     * that this process has on it (fcntl(2)).
     */
    Optional<DescriptorCopy> copy() {
        if (file.isFile()) {
            return Optional.empty();
        }
        try {
            return Optional.of(DescriptorCopy.of(descriptor));
        } catch (IOException closedOrNoneFree) {
            return Optional.empty();
        }
    }

    /**
     * Reads SO_LINGER of the number. If that is closed meanwhile, junixsocket closes it once more, so the caller must
     * own it.
     *
     * @return seconds, -1 if it is off
     */
    int linger() throws IOException {
        return channel.getOption(StandardSocketOptions.SO_LINGER);
    }
}
