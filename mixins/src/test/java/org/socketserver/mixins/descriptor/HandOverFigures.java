package org.socketserver.mixins.descriptor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.socketserver.api.spi.Connection;

/**
 * Measures what handing connections to another process costs; prints, and asserts nothing. Arguments: how many, and TCP or UNIX.
 *
 * <p>The other process takes each connection, writes a byte and closes.
 */
final class HandOverFigures {
    private static final int ROUNDS = 3;

    private HandOverFigures() {}

    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        Path folder = Files.createTempDirectory("figures");
        Path path = folder.resolve("link");
        try (DescriptorListener listener = DescriptorListener.bind(path);
                ServerSocketChannel server = server(HandOver.Family.valueOf(arguments[1]), folder)) {
            Process receiver = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Receiver.class.getName(),
                            path.toString(),
                            String.valueOf(count)))
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (DescriptorLink link = listener.accept()) {
                for (int round = 0; round < ROUNDS; round++) {
                    send(link, server, count);
                }
            }
            receiver.waitFor();
        }
    }

    private static ServerSocketChannel server(HandOver.Family family, Path folder) throws IOException {
        return family == HandOver.Family.TCP
                ? ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                : ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        .bind(UnixDomainSocketAddress.of(folder.resolve("server")));
    }

    private static void send(DescriptorLink link, ServerSocketChannel server, int count) throws IOException {
        Times find = new Times("find", count);
        Times send = new Times("find, send and close", count);
        Times whole = new Times("connect to end", count);
        SocketAddress address = server.getLocalAddress();
        ByteBuffer message = ByteBuffer.allocateDirect(64);
        ByteBuffer answer = ByteBuffer.allocateDirect(64);
        for (int i = 0; i < count; i++) {
            long began = System.nanoTime();
            try (SocketChannel client = SocketChannel.open(address)) {
                SocketChannel accepted = server.accept();
                long accept = System.nanoTime();
                DescriptorFinder.copyOf(accepted).close();
                long found = System.nanoTime();
                message.clear();
                link.writeWith(message, accepted);
                accepted.close();
                long sent = System.nanoTime();
                answer.clear();
                while (client.read(answer) >= 0) {
                    // Until the end.
                }
                find.add(found - accept);
                send.add(sent - found);
                whole.add(System.nanoTime() - began);
            }
        }
        System.out.println(find + ", " + send + ", " + whole);
    }

    /** The process that takes the connections. */
    static final class Receiver {
        private Receiver() {}

        public static void main(String[] arguments) throws IOException {
            int count = Integer.parseInt(arguments[1]);
            InetSocketAddress anybody = new InetSocketAddress(0);
            ByteBuffer message = ByteBuffer.allocateDirect(64);
            ByteBuffer answer = ByteBuffer.allocateDirect(1);
            try (DescriptorLink link = DescriptorLink.connect(Path.of(arguments[0]))) {
                for (int round = 0; round < ROUNDS; round++) {
                    Times receive = new Times("receive", count);
                    Times close = new Times("write a byte and close", count);
                    for (int i = 0; i < count; i++) {
                        message.clear();
                        while (message.hasRemaining()) {
                            link.read(message);
                        }
                        long came = System.nanoTime();
                        Connection connection = link.received(anybody, anybody);
                        long received = System.nanoTime();
                        answer.clear();
                        connection.write(answer);
                        connection.close();
                        receive.add(received - came);
                        close.add(System.nanoTime() - received);
                    }
                    System.out.println("        " + receive + ", " + close);
                }
            }
        }
    }

    /** Times of one kind. */
    private static final class Times {
        private final String name;
        private final long[] nanos;
        private int count;

        Times(String name, int most) {
            this.name = name;
            nanos = new long[most];
        }

        void add(long time) {
            nanos[count++] = time;
        }

        @Override
        public String toString() {
            Arrays.sort(nanos);
            return String.format(
                    "%s: mean %.1f, median %.1f, 99 %% %.1f us",
                    name,
                    Arrays.stream(nanos).average().orElse(0) / 1e3,
                    nanos[nanos.length / 2] / 1e3,
                    nanos[nanos.length * 99 / 100] / 1e3);
        }
    }
}
