package org.socketserver.benchmarks.micro;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.PacketRequest;

/** An in-memory server whose packets are always available. */
final class PacketFactory extends BaseServer<DatagramRequest> {
    static final int BYTES = 64;

    private static final SocketAddress SERVER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 7);
    private static final SocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 50_000);

    private int left;

    PacketFactory() {
        super(SERVER, HandlerSource.ofFunction(PacketFactory::answer), ServerOptions.DEFAULTS);
    }

    private static void answer(DatagramRequest request) throws IOException {
        request.output().write(request.data());
    }

    /** Serves a number of packets and returns when the last has been handled. */
    void serve(int packets) throws IOException, InterruptedException {
        left = packets;
        serveForever();
        awaitIdle(Duration.ofSeconds(10));
    }

    @Override
    protected @Nullable DatagramRequest getRequest() {
        if (left == 0) {
            shutdown();
            return null;
        }
        left--;
        return new PacketRequest(new byte[BYTES], false, CLIENT, this, BYTES, PacketFactory::send);
    }

    private static void send(ByteBuffer bytes, SocketAddress target) {
        bytes.position(bytes.limit());
    }

    @Override
    public String transport() {
        return "memory";
    }

    @Override
    protected SocketAddress serverBind() {
        return SERVER;
    }

    @Override
    protected boolean awaitReady(long millis) {
        return true;
    }

    @Override
    protected void wakeupTransport() {}

    @Override
    protected void serverClose() {}
}
