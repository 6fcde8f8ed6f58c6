package org.socketserver.tests;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.PacketRequest;

/** An in-process packet transport, for many thousands of requests in a short time. */
final class LocalServer extends BaseServer<DatagramRequest> {
    private static final SocketAddress HERE = InetSocketAddress.createUnresolved("here", 1);

    private final Queue<byte[]> packets = new ConcurrentLinkedQueue<>();
    private final Semaphore wake = new Semaphore(0);

    LocalServer(Supplier<? extends RequestHandler<Request>> handlers, ServerOptions options) {
        this(HandlerSource.<DatagramRequest>ofFactory(handlers::get), options);
    }

    LocalServer(HandlerSource<DatagramRequest> handlers, ServerOptions options) {
        super(HERE, handlers, options);
    }

    void send(byte... packet) {
        packets.add(packet);
        wake.release();
    }

    @Override
    public String transport() {
        return "local";
    }

    @Override
    protected SocketAddress serverBind() {
        return HERE;
    }

    @Override
    protected void serverClose() {}

    @Override
    protected boolean awaitReady(long millis) {
        try {
            if (packets.isEmpty()) {
                wake.tryAcquire(millis, TimeUnit.MILLISECONDS);
            }
            wake.drainPermits();
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
        return !packets.isEmpty();
    }

    @Override
    protected void wakeupTransport() {
        wake.release();
    }

    @Override
    protected @Nullable DatagramRequest getRequest() {
        byte[] packet = packets.poll();
        return packet == null ? null : new PacketRequest(packet, false, HERE, this, 1_000, (bytes, target) -> {});
    }
}
