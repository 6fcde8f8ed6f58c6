package org.socketserver.mixins.descriptor;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.socketserver.api.spi.DescriptorLock;

/**
 * The numbers of this process's descriptors, as proc(5) shows them.
 *
 * <p>A look there touches nothing. To ask junixsocket about a number that may be anybody's is another thing: if it is
 * closed at that moment, junixsocket closes it once more (EBADF in its {@code exceptions.c}), and that may hit whoever
 * has just got it.
 */
final class DescriptorNumbers {
    static final Path FOLDER = Path.of("/proc/self/fd");
    static final Path STATES = Path.of("/proc/self/fdinfo");

    private static final String FLAGS = "flags:";

    private DescriptorNumbers() {}

    /**
     * Finds the descriptor of a channel: the one whose flags (fcntl(2), O_NONBLOCK) change when its blocking mode is
     * changed, and change back. Others of the process might do so at the same moments, so each number found is a guess,
     * if a good one.
     *
     * <p>Takes some 20 us for each open descriptor.
     *
     * @param channel a channel in blocking mode, which nobody uses
     * @return numbers, mostly one
     */
    static Set<Integer> following(SocketChannel channel) throws IOException {
        if (!channel.isBlocking()) {
            return Set.of();
        }
        Map<Integer, String> before = flags(all());
        Map<Integer, String> between;
        channel.configureBlocking(false);
        try {
            between = flags(before.keySet());
        } finally {
            channel.configureBlocking(true);
        }
        between.entrySet().removeAll(before.entrySet());
        Map<Integer, String> after = flags(between.keySet());
        after.entrySet().retainAll(before.entrySet());
        return after.keySet();
    }

    /** All numbers. Opens descriptors for as short a time as it can, see {@link DescriptorLock}. */
    private static Set<Integer> all() throws IOException {
        return DescriptorLock.shared(DescriptorNumbers::listed);
    }

    private static Set<Integer> listed() throws IOException {
        Map<Integer, String> numbers = new LinkedHashMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(FOLDER)) {
            for (Path entry : entries) {
                String number = entry.getFileName().toString();
                numbers.put(Integer.valueOf(number), number);
            }
        }
        return numbers.keySet();
    }

    private static Map<Integer, String> flags(Set<Integer> numbers) {
        Map<Integer, String> flags = new LinkedHashMap<>();
        for (Integer number : numbers) {
            flags(number).ifPresent(found -> flags.put(number, found));
        }
        return flags;
    }

    private static Optional<String> flags(Integer number) {
        try {
            // One at a time: a process start waits for one of them at most.
            return DescriptorLock.shared(() -> Files.readAllLines(STATES.resolve(number.toString()))).stream()
                    .filter(line -> line.startsWith(FLAGS))
                    .findFirst();
        } catch (IOException closedMeanwhile) {
            return Optional.empty();
        }
    }
}
