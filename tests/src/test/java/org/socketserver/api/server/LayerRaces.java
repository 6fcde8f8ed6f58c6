package org.socketserver.api.server;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;
import org.socketserver.api.Server;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.spi.Connection;
import org.socketserver.api.spi.FilterConnection;

/** A layer that is put over a connection races with a stop or a deadline that closes it. */
final class LayerRaces {
    /** Has the default options, and nothing else. */
    private static final Server SERVER = (Server) Proxy.newProxyInstance(
            Server.class.getClassLoader(),
            new Class<?>[] {Server.class},
            (proxy, method, arguments) -> method.getName().equals("options") ? ServerOptions.DEFAULTS : null);

    private LayerRaces() {}

    @JCStressTest
    @Outcome(id = "true, true", expect = Expect.ACCEPTABLE, desc = "the close came first, and the layer failed")
    @Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the close came last, and closed the layer too")
    @State
    public static class PutAgainstClose {
        private final Above above = new Above(new Below());
        private final ConnectionRequest request = new ConnectionRequest(new Below(), SERVER);
        private boolean begun;

        @Actor
        public void put(ZZ_Result result) {
            try {
                request.put(below -> {
                    begun = true;
                    return above;
                });
            } catch (IOException closed) {
                result.r1 = true;
            }
        }

        @Actor
        public void close() {
            request.close();
        }

        @Arbiter
        public void look(ZZ_Result result) {
            result.r2 = !begun || !above.isOpen();
        }
    }

    private static final class Above extends FilterConnection {
        private volatile boolean closed;

        Above(Connection below) {
            super(below);
        }

        @Override
        public boolean isOpen() {
            return !closed;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static final class Below implements Connection {
        private static final SocketAddress ADDRESS = new InetSocketAddress(0);

        @Override
        public int read(ByteBuffer target) {
            return -1;
        }

        @Override
        public int write(ByteBuffer source) {
            return 0;
        }

        @Override
        public void shutdownInput() {}

        @Override
        public void shutdownOutput() {}

        @Override
        public SocketAddress localAddress() {
            return ADDRESS;
        }

        @Override
        public SocketAddress remoteAddress() {
            return ADDRESS;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
