package org.socketserver.benchmarks.servers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.server.BaseServer;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;
import org.socketserver.tcp.TcpServer;
import org.socketserver.tls.Tls;
import org.socketserver.udp.UdpServer;
import org.socketserver.unix.UnixDatagramServer;
import org.socketserver.unix.UnixStreamServer;

/**
 * This project's servers with their default options, except limits. KIND is {@code sync}, {@code virtual},
 * {@code platform}, {@code forking}, or {@code forking-compiled}.
 */
public final class OurServer {
    /** More connections than any scenario opens; with the default limit, connections would wait. */
    private static final int ENOUGH = 20_000;

    private OurServer() {}

    /**
     * Serves until SIGTERM, then stops gracefully.
     *
     * @param args see {@link Setup}
     * @throws IOException if it cannot bind or serve
     */
    public static void main(String... args) throws IOException {
        Setup setup = Setup.of(args);
        String buffer = Integer.toString(setup.buffer());
        System.setProperty(EchoHandler.BUFFER, buffer);
        BaseServer<?> server = server(setup);
        switch (setup.kind()) {
            case "sync" -> {}
            case "virtual" -> server.mixIn(new ThreadingMixIn(ThreadKind.VIRTUAL).maxConcurrent(ENOUGH));
            case "platform" -> server.mixIn(new ThreadingMixIn(ThreadKind.PLATFORM).maxConcurrent(ENOUGH));
            case "forking" -> server.mixIn(workers(buffer));
            case "forking-compiled" -> server.mixIn(workers(buffer).workerOption("-XX:TieredStopAtLevel=4"));
            default -> throw setup.unknown();
        }
        server.bind();
        if (setup.transport().startsWith("unix")) {
            Setup.announcePath(setup.path());
        } else {
            Setup.announcePort(((InetSocketAddress) server.address()).getPort());
        }
        server.serveForever();
    }

    /** Returns a mix-in with two workers per processor, which is usual for CPU-bound requests. */
    private static ForkingMixIn workers(String buffer) {
        return new ForkingMixIn()
                .maxChildren(2 * Runtime.getRuntime().availableProcessors())
                .systemProperty(EchoHandler.BUFFER, buffer);
    }

    private static BaseServer<?> server(Setup setup) throws IOException {
        Class<? extends RequestHandler<? super StreamRequest>> stream =
                setup.line() ? LineHandler.class : EchoHandler.class;
        return switch (setup.transport()) {
            case "tcp" -> Tcp.server((InetSocketAddress) setup.address(), stream);
            case "tls" -> Encrypted.server((InetSocketAddress) setup.address(), setup.path(), stream);
            case "udp" -> Udp.server((InetSocketAddress) setup.address());
            case "unix" -> Unix.server(setup.path(), stream);
            case "unixdgram" -> Unix.packetServer(setup.path());
            default -> throw setup.unknown();
        };
    }

    // A class per transport, so that only the classes of one transport are loaded, as in a user's program.

    private static final class Tcp {
        static BaseServer<?> server(
                InetSocketAddress address, Class<? extends RequestHandler<? super StreamRequest>> handler) {
            return new TcpServer(address, handler);
        }
    }

    private static final class Encrypted {
        static BaseServer<?> server(
                InetSocketAddress address,
                Path certificate,
                Class<? extends RequestHandler<? super StreamRequest>> handler)
                throws IOException {
            BaseServer<?> server = Tcp.server(address, handler);
            server.layer(Tls.of(certificate, certificate));
            return server;
        }
    }

    private static final class Udp {
        static BaseServer<?> server(InetSocketAddress address) {
            return new UdpServer(address, PacketHandler.class);
        }
    }

    private static final class Unix {
        static BaseServer<?> server(Path path, Class<? extends RequestHandler<? super StreamRequest>> handler) {
            return new UnixStreamServer(path.toString(), handler);
        }

        static BaseServer<?> packetServer(Path path) {
            return new UnixDatagramServer(path.toString(), PacketHandler.class);
        }
    }
}
