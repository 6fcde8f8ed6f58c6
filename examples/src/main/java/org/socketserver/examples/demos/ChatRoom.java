package org.socketserver.examples.demos;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;
import org.socketserver.examples.servers.HostPort;
import org.socketserver.mixins.StreamRequestHandler;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;

/**
 * A chat room: every line goes to every member, in the same order to all, as {@code address:port text}; {@code quit}
 * leaves.
 *
 * <p>Each member has a queue of lines and a thread that writes them, so nobody waits for a member that does not read.
 * Such a member is dropped when its queue is full.
 */
public final class ChatRoom {
    private static final System.Logger LOG = System.getLogger("chat");
    /** Tells a member's writer that nothing more will come; lines are never empty. */
    private static final byte[] END = {};

    private final TcpServer server;
    private final int queueLength;
    private final List<Member> members = new ArrayList<>();

    /**
     * Makes a room that is not open yet.
     *
     * @param address where
     * @param queueLength lines that may wait for one member
     */
    public ChatRoom(InetSocketAddress address, int queueLength) {
        this.queueLength = queueLength;
        server = new TcpServer(address, HandlerSource.ofFactory(Member::new), ServerOptions.DEFAULTS);
        server.mixIn(new ThreadingMixIn());
    }

    /**
     * Opens the room.
     *
     * @return its real address
     * @throws IOException if the address can't be had
     */
    public InetSocketAddress start() throws IOException {
        server.start();
        return server.address();
    }

    /** Sends everybody home. */
    public void stop() {
        server.close();
    }

    /** One at a time says something, so that all members hear all in the same order. */
    private synchronized void say(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        for (Member member : members) {
            member.hear(bytes);
        }
    }

    private synchronized void join(Member member) {
        members.add(member);
    }

    private synchronized void leave(Member member) {
        members.remove(member);
    }

    /** One connection. */
    private final class Member extends StreamRequestHandler {
        private final BlockingQueue<byte[]> queue = new ArrayBlockingQueue<>(queueLength);
        private final Thread writer = new Thread(this::write);
        private volatile boolean dropped;

        @Override
        protected void setup() {
            writer.setName("chat to " + name());
            writer.setDaemon(true);
            writer.start();
            join(this);
            LOG.log(System.Logger.Level.INFO, "{0} joined", name());
        }

        @Override
        public void handle() throws IOException {
            try {
                for (String line = readLine(); line != null && !line.equals("quit"); line = readLine()) {
                    say(name() + " " + line + "\n");
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
            // What it has not heard yet is still sent; the server's write time-out bounds that.
            if (dropped || !queue.offer(END)) {
                writer.interrupt();
            }
            writer.join();
        }

        private String name() {
            return AddressText.of(clientAddress());
        }

        private void hear(byte[] line) {
            if (!dropped && !queue.offer(line)) {
                dropped = true;
                request().close();
            }
        }

        private void write() {
            try {
                for (byte[] line = queue.take(); line.length > 0; line = queue.take()) {
                    request().output().write(line);
                }
            } catch (IOException | InterruptedException gone) {
                // The reading side sees it as well, and leaves.
                request().close();
            }
        }
    }

    /**
     * Keeps a room open until the process is ended.
     *
     * @param args {@code HOST:PORT}; default 127.0.0.1:8090
     * @throws IOException if the address can't be had
     */
    public static void main(String... args) throws IOException {
        var room = new ChatRoom(HostPort.parse(args.length > 0 ? args[0] : "127.0.0.1:8090"), 100);
        System.out.println("ready tcp " + AddressText.of(room.start()));
        Runtime.getRuntime().addShutdownHook(new Thread(room::stop));
    }
}
