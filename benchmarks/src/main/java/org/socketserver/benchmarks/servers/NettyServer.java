package org.socketserver.benchmarks.servers;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * Netty with its default options and the TLS of the JDK. KIND is {@code nio}, {@code epoll} or {@code io_uring}, with
 * the default number of event loops; with the suffix {@code -1}, one event loop.
 */
public final class NettyServer {
    private NettyServer() {}

    /**
     * Serves until SIGTERM, then stops without a quiet period.
     *
     * @param args see {@link Setup}
     * @throws InterruptedException never
     * @throws SSLException if the certificate can't be used
     */
    public static void main(String... args) throws InterruptedException, SSLException {
        Setup setup = Setup.of(args);
        boolean one = setup.kind().endsWith("-1");
        Io io = Io.of(setup.kind().replace("-1", ""));
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(one ? 1 : 0, io.factory());
        SocketAddress address = setup.address();
        if (setup.transport().startsWith("unix") && io != Io.NIO) {
            address = new DomainSocketAddress(setup.path().toString());
        }
        Channel channel = bind(setup, io, group, address);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(group), "stop"));
        if (setup.transport().startsWith("unix")) {
            Setup.announcePath(setup.path());
        } else {
            Setup.announcePort(((InetSocketAddress) channel.localAddress()).getPort());
        }
        channel.closeFuture().sync();
    }

    private static void stop(EventLoopGroup group) {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static Channel bind(Setup setup, Io io, EventLoopGroup group, SocketAddress address)
            throws InterruptedException, SSLException {
        return switch (setup.transport()) {
            case "tcp" -> stream(new NettyEcho(setup.line()), group, io.tcp, address);
            case "tls" -> stream(encrypted(setup), group, io.tcp, address);
            case "unix" -> stream(new NettyEcho(setup.line()), group, io.unix, address);
            case "udp" -> packets(group, io.udp, address);
            case "unixdgram" -> {
                if (io != Io.EPOLL) {
                    throw setup.unknown();
                }
                yield packets(group, EpollDomainDatagramChannel.class, address);
            }
            default -> throw setup.unknown();
        };
    }

    private static ChannelHandler encrypted(Setup setup) throws SSLException {
        File certificate = setup.path().toFile();
        SslContext context = SslContextBuilder.forServer(certificate, certificate)
                .sslProvider(SslProvider.JDK)
                .build();
        NettyEcho echo = new NettyEcho(setup.line());
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(context.newHandler(channel.alloc()), echo);
            }
        };
    }

    private static Channel stream(
            ChannelHandler handler, EventLoopGroup group, Class<? extends ServerChannel> type, SocketAddress address)
            throws InterruptedException {
        return new ServerBootstrap()
                .group(group)
                .channel(type)
                .childHandler(handler)
                .bind(address)
                .sync()
                .channel();
    }

    private static Channel packets(EventLoopGroup group, Class<? extends Channel> type, SocketAddress address)
            throws InterruptedException {
        return new Bootstrap()
                .group(group)
                .channel(type)
                .handler(new NettyEcho(false))
                .bind(address)
                .sync()
                .channel();
    }

    /** Netty's I/O implementations. */
    private enum Io {
        NIO(NioServerSocketChannel.class, NioServerDomainSocketChannel.class, NioDatagramChannel.class),
        EPOLL(EpollServerSocketChannel.class, EpollServerDomainSocketChannel.class, EpollDatagramChannel.class),
        IO_URING(
                IoUringServerSocketChannel.class, IoUringServerDomainSocketChannel.class, IoUringDatagramChannel.class);

        private final Class<? extends ServerChannel> tcp;
        private final Class<? extends ServerChannel> unix;
        private final Class<? extends Channel> udp;

        Io(Class<? extends ServerChannel> tcp, Class<? extends ServerChannel> unix, Class<? extends Channel> udp) {
            this.tcp = tcp;
            this.unix = unix;
            this.udp = udp;
        }

        static Io of(String name) {
            return switch (name) {
                case "nio" -> NIO;
                case "epoll" -> EPOLL;
                case "io_uring" -> IO_URING;
                default -> throw new UnsupportedOperationException(name);
            };
        }

        IoHandlerFactory factory() {
            return switch (this) {
                case NIO -> NioIoHandler.newFactory();
                case EPOLL -> EpollIoHandler.newFactory();
                case IO_URING -> IoUringIoHandler.newFactory();
            };
        }
    }
}
