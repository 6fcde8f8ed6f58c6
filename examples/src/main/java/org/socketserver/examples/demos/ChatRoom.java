package org.socketserver.examples.demos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.socketserver.api.spi.Layer;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;
import org.socketserver.tls.Tls;

/**
 * A chat room. What a member types is sent to all members in the same order, as {@code address:port text}; {@code quit}
 * leaves. Text is sent as it arrives, even before its line ends. The operator has the prompt of {@code EchoConsole}.
 *
 * <p>Each member has a queue and a thread that writes it, so nobody waits for a member that does not read. Such a
 * member is dropped when its queue is full.
 */
public final class ChatRoom {
    private static final System.Logger LOG = System.getLogger("chat");

    private final TcpServer server;
    private final int queueLength;
    private final List<Member> members = new ArrayList<>();
    /** The member whose line has not ended, if any. */
    private Optional<Member> speaker = Optional.empty();

    /** Creates a closed room. {@code queueLength} is the capacity of each member's queue, in pieces of text. */
    public ChatRoom(String address, int queueLength, Layer... layers) {
        this.queueLength = queueLength;
        server = new TcpServer(address, Member::new);
        List.of(layers).forEach(server::layer);
        server.mixIn(new ThreadingMixIn());
    }

    /** Opens the room and returns its actual address. */
    public InetSocketAddress start() throws IOException {
        server.start();
        return server.address();
    }

    /** Closes all connections and the room. */
    public void stop() {
        server.close();
    }

    /** Sends text to all members. Synchronized, so that all get it in the same order. */
    private synchronized void say(Member member, String text) {
        StringBuilder all = new StringBuilder();
        for (String piece : text.split("(?<=\n)")) {
            if (!speaker.equals(Optional.of(member))) {
                all.append(speaker.isPresent() ? "\n" : "")
                        .append(member.name())
                        .append(' ');
            }
            all.append(piece);
            speaker = piece.endsWith("\n") ? Optional.empty() : Optional.of(member);
        }
        byte[] bytes = all.toString().getBytes(StandardCharsets.UTF_8);
        members.forEach(each -> each.hear(bytes));
    }

    private synchronized void join(Member member) {
        members.add(member);
    }

    private synchronized void leave(Member member) {
        if (speaker.equals(Optional.of(member))) {
            say(member, "\n");
        }
        members.remove(member);
    }

    /** One connection. */
    private final class Member extends StreamRequestHandler {
        /** Writes the text of all members, so that they do not wait for this one. */
        private final ExecutorService writer =
                new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queueLength));

        private volatile boolean dropped;

        @Override
        protected void setup() {
            join(this);
            LOG.log(System.Logger.Level.INFO, "{0} joined", name());
        }

        @Override
        public void handle() throws IOException {
            Reader in = new InputStreamReader(input(), StandardCharsets.UTF_8);
            char[] some = new char[8192];
            boolean lineBegins = true;
            try {
                for (int count = in.read(some); count >= 0; count = in.read(some)) {
                    for (String piece : new String(some, 0, count).split("(?<=\n)")) {
                        if (lineBegins && piece.strip().equals("quit")) {
                            return;
                        }
                        say(this, piece);
                        lineBegins = piece.endsWith("\n");
                    }
                }
            } catch (ClosedChannelException closed) {
                if (!dropped) {
                    throw closed;
                }
            }
        }

        @Override
        protected void finish() throws InterruptedException {
            leave(this);
            LOG.log(System.Logger.Level.INFO, dropped ? "{0} was dropped: it does not read" : "{0} left", name());
            // Send what is queued. The server's write deadline limits the time.
            writer.shutdown();
            writer.awaitTermination(1, TimeUnit.DAYS);
        }

        private String name() {
            // Without the leading slash.
            return clientAddress().toString().substring(1);
        }

        private void hear(byte[] text) {
            try {
                writer.execute(() -> send(text));
            } catch (RejectedExecutionException full) {
                dropped = true;
                request().close();
            }
        }

        private void send(byte[] text) {
            try {
                request().output().write(text);
            } catch (IOException disconnected) {
                // The reading thread notices and leaves.
                request().close();
            }
        }
    }

    /**
     * Opens a room at the first argument or 127.0.0.1:8090, until {@code quit} or the end of standard input. Two more
     * arguments are the files of a certificate and its key, for TLS.
     */
    public static void main(String... args) throws IOException {
        Layer[] layers = args.length > 2 ? new Layer[] {Tls.of(Path.of(args[1]), Path.of(args[2]))} : new Layer[0];
        var room = new ChatRoom(args.length > 0 ? args[0] : "127.0.0.1:8090", 100, layers);
        room.start();
        System.out.println("ready " + room.server.name());
        room.operate();
        room.stop();
        System.out.println("stopped");
    }

    private void operate() throws IOException {
        var operator = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
        for (String line = ""; line != null && !line.strip().equals("quit"); line = operator.readLine()) {
            if (line.strip().equals("list")) {
                System.out.println("requests: " + server.liveRequests().size());
                server.liveRequests().forEach(request -> System.out.println("  " + request));
                System.out.println(
                        "platform threads: " + Thread.getAllStackTraces().size());
                Thread.getAllStackTraces().keySet().forEach(thread -> System.out.println("  " + thread.getName()));
            } else if (!line.isBlank()) {
                System.out.println("list or quit?");
            }
            System.out.print(">>> ");
            System.out.flush();
        }
    }
}
