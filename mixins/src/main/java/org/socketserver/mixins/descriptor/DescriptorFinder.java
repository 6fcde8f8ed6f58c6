package org.socketserver.mixins.descriptor;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.newsclub.net.unix.FileDescriptorAccess;

/**
 * Finds the descriptor of a channel, which the JDK does not tell.
 *
 * <p>The channel is marked with a value of SO_LINGER that no other has, and the descriptor that shows the mark is the
 * one. Looked at are copies of descriptors: a copy is ours, so that its number can't become another's meanwhile. First
 * come the numbers that were right not long ago, since a process that accepts and hands over gets the same few numbers
 * again and again; then {@link DescriptorNumbers} is asked.
 *
 * <p>All methods may be called from any thread.
 */
final class DescriptorFinder {
    private static final RecentNumbers RECENT = new RecentNumbers();
    /**
     * Held while a thread searches. Not to be taken inside of {@link org.socketserver.api.spi.DescriptorLock#shared}.
     */
    static final ReentrantLock SEARCH = new ReentrantLock();

    private DescriptorFinder() {}

    /**
     * Returns a copy of a channel's descriptor.
     *
     * @param channel a connected channel in blocking mode, which nobody uses; it is as before afterwards. Who closes it
     *     meanwhile may wait as long as the mark says for a peer that is no longer there (socket(7), SO_LINGER)
     * @return the copy, to be closed by the caller
     * @throws IOException if the channel is closed, or its descriptor is not found
     */
    static DescriptorCopy copyOf(SocketChannel channel) throws IOException {
        if (channel instanceof FileDescriptorAccess open) {
            return DescriptorCopy.of(open.getFileDescriptor());
        }
        int before = channel.getOption(StandardSocketOptions.SO_LINGER);
        DescriptorCopy found = marked(channel, before);
        boolean certain = false;
        try {
            // Shows that it is this channel's and nobody else's, and that the mark is off it.
            certain = found.linger() == before;
        } finally {
            if (!certain) {
                found.close();
            }
        }
        if (!certain) {
            throw new IOException("the mark stayed on the descriptor that was found");
        }
        return found;
    }

    private static DescriptorCopy marked(SocketChannel channel, int before) throws IOException {
        int mark = LingerMarks.take();
        DescriptorCopy found = null;
        boolean unmarked = false;
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, mark);
            found = search(channel, mark);
        } finally {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, before);
                unmarked = true;
            } finally {
                LingerMarks.giveBack(mark);
                if (found != null && !unmarked) {
                    found.close();
                }
            }
        }
        return found;
    }

    private static DescriptorCopy search(SocketChannel channel, int mark) throws IOException {
        for (int number : RECENT.numbers()) {
            Optional<DescriptorProbe> probe = DescriptorProbe.known(number);
            Optional<DescriptorCopy> copy = probe.isEmpty() ? Optional.empty() : ifMarked(probe.get(), mark);
            if (copy.isPresent()) {
                RECENT.add(number);
                return copy.get();
            }
        }
        // One search at a time: the blocking mode of another search's channel changes too, and that channel might be
        // closed while this thread asks about its number (see DescriptorNumbers).
        SEARCH.lock();
        try {
            for (int number : DescriptorNumbers.following(channel)) {
                Optional<DescriptorCopy> copy = guessed(number, mark);
                if (copy.isPresent()) {
                    RECENT.add(number);
                    return copy.get();
                }
            }
        } finally {
            SEARCH.unlock();
        }
        throw new IOException("none of the descriptors in " + DescriptorNumbers.FOLDER + " is the channel's");
    }

    private static Optional<DescriptorCopy> guessed(int number, int mark) throws IOException {
        DescriptorProbe probe;
        try {
            probe = DescriptorProbe.of(number);
        } catch (IOException noStreamSocket) {
            // Another's.
            return Optional.empty();
        }
        return ifMarked(probe, mark);
    }

    private static Optional<DescriptorCopy> ifMarked(DescriptorProbe probe, int mark) throws IOException {
        Optional<DescriptorCopy> copy = probe.copy();
        if (copy.isEmpty()) {
            return copy;
        }
        boolean marked = false;
        try {
            marked = copy.get().linger() == mark;
        } catch (IOException noStreamSocket) {
            // Another's.
        } finally {
            if (!marked) {
                copy.get().close();
            }
        }
        return marked ? copy : Optional.empty();
    }
}
