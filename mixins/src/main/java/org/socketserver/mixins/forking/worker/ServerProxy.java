package org.socketserver.mixins.forking.worker;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Server;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerStats;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.FrameType;
import org.socketserver.mixins.forking.wire.Messages.Assignment;
import org.socketserver.mixins.forking.wire.Messages.Identity;
import org.socketserver.mixins.forking.wire.Messages.Start;

/**
 * The server as seen by a handler in a worker. Name, address and the options that {@link
 * org.socketserver.mixins.ForkingMixIn} lists are those of the parent, requests and counters those of this worker.
 * {@link #shutdown} stops the parent's server.
 */
final class ServerProxy implements Server {
    private final Start start;
    private final ControlChannel control;
    private final WorkerServer server;
    private volatile Identity identity;
    /** The number of the last request during which the server was stopping; it can serve again afterwards. */
    private volatile long stopping = -1;

    ServerProxy(Start start, ControlChannel control, WorkerServer server) {
        this.start = start;
        identity = start.server();
        this.control = control;
        this.server = server;
    }

    /** Called when a request begins. */
    void begins(long number, Assignment assigned) {
        identity = assigned.server();
        if (assigned.stopping()) {
            stops(number);
        }
    }

    /** Called when the server begins to stop during a request, which may not have begun here. */
    synchronized void stops(long number) {
        stopping = Math.max(stopping, number);
    }

    @Override
    public String name() {
        return identity.name();
    }

    @Override
    public String transport() {
        return start.transport();
    }

    @Override
    public SocketAddress address() {
        return identity.address();
    }

    @Override
    public ServerOptions options() {
        return start.options();
    }

    @Override
    public boolean isStopping() {
        return stopping == server.current().number();
    }

    @Override
    public List<LiveRequest> liveRequests() {
        return server.liveRequests();
    }

    @Override
    public List<LiveRequest> stuckRequests(Duration age) {
        return server.stuckRequests(age);
    }

    @Override
    public ServerStats stats() {
        return server.stats();
    }

    @Override
    public void shutdown() {
        long number = server.current().number();
        stops(number);
        try {
            control.send(FrameType.SHUTDOWN, number, ControlChannel.Body.NONE);
        } catch (IOException parentHasGone) {
            // Then the server has stopped anyway.
        }
    }
}
