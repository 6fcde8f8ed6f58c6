package org.socketserver.api.server;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestListener;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerStats;
import org.socketserver.api.ShutdownReport;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.internal.Checks;
import org.socketserver.api.spi.Layer;
import org.socketserver.api.spi.MixIn;

/**
 * Several servers that begin and end together, at addresses that can be written as text.
 *
 * <pre>{@code
 * try (var servers = Servers.of(Shout.class, "tcp://127.0.0.1:8087", "unix:/run/shout.sock?mode=660")) {
 *     servers.mixIn(ThreadingMixIn::new);
 *     servers.serveForever();
 * }
 * }</pre>
 *
 * <p><b>Addresses.</b> A transport is available if its artifact is on the class path or the module path; other
 * transports can {@linkplain TransportProvider be added}.
 *
 * <table>
 * <caption>Addresses</caption>
 * <tr><th>address<th>server
 * <tr><td>{@code tcp://127.0.0.1:8087}, {@code tcp://[::1]:0}, {@code tcp://*:8087}<td>TCP; port 0 is any free port,
 *     {@code *} is every address of this host
 * <tr><td>{@code udp://127.0.0.1:8087}<td>UDP
 * <tr><td>{@code unix:/run/shout.sock}, {@code unix:@name}<td>connections over a Unix-domain socket
 * <tr><td>{@code unix-datagram:/run/shout.sock}<td>datagrams over a Unix-domain socket
 * </table>
 *
 * <p>Paths are percent-decoded: a {@code ?} in a path is {@code %3F}, a {@code %} is {@code %25}. Options follow a
 * question mark, as in {@code tcp://*:8087?backlog=500&reusePort=true}. Their names are those of {@link ServerOptions},
 * and {@code mode} is {@link ServerOptions#socketFileMode} in octal digits. Values are percent-decoded too.
 *
 * <p><b>Together.</b> All servers are bound, or none. When one ends serving, for any reason, all others do too. {@link
 * #servers()} returns the servers, so each can also be configured on its own before they are bound.
 *
 * <p><b>Threads.</b> All methods may be called from any thread. Each server serves on a thread of its own, which keeps
 * the JVM alive.
 */
public final class Servers implements AutoCloseable {
    private static final ShutdownReport NOTHING = new ShutdownReport(0, List.of(), List.of());

    private final List<BaseServer<?>> servers;

    private Servers(List<? extends BaseServer<?>> servers) {
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("there is no address; pass one or more");
        }
        this.servers = List.copyOf(servers);
    }

    /**
     * Creates a server for each address, whose requests are handled by new instances of a class.
     *
     * @param handler a class with a constructor without parameters, which can handle the requests of all addresses
     * @param addresses the addresses
     * @return the servers, not bound
     * @throws IllegalArgumentException if an address is invalid, its artifact is missing, the class can't be
     *     instantiated, or it can't handle the requests of an address; the message says which and why
     * @throws IllegalStateException if the artifact of an address is present, but its file in {@code META-INF/services}
     *     is not
     */
    public static Servers of(Class<? extends RequestHandler<?>> handler, String... addresses) {
        return of(handler, ServerOptions.DEFAULTS, addresses);
    }

    /**
     * Creates a server for each address, as {@link #of(Class, String...)} does.
     *
     * @param handler a class with a constructor without parameters, which can handle the requests of all addresses
     * @param options the options of each server, except those in the query of its address
     * @param addresses the addresses
     * @return the servers, not bound
     * @throws IllegalArgumentException if an address or one of its options is invalid, its artifact is missing, the
     *     class can't be instantiated, or it can't handle the requests of an address
     * @throws IllegalStateException if the artifact of an address is present, but its file in {@code META-INF/services}
     *     is not
     */
    public static Servers of(Class<? extends RequestHandler<?>> handler, ServerOptions options, String... addresses) {
        HandlerSource<?> handlers = HandlerSource.ofClass(typed(handler));
        Class<? extends Request> handled = HandlerSource.requestType(handler);
        return of(handlers, handled, handler.getName(), options, addresses);
    }

    /**
     * Creates a server for each address of a transport with connections.
     *
     * @param handlers the source of handlers, shared by all servers
     * @param options the options of each server, except those in the query of its address
     * @param addresses the addresses
     * @return the servers, not bound
     * @throws IllegalArgumentException if an address or one of its options is invalid, its artifact is missing, or its
     *     transport has packets
     * @throws IllegalStateException if the artifact of an address is present, but its file in {@code META-INF/services}
     *     is not
     */
    public static Servers ofStreams(HandlerSource<StreamRequest> handlers, ServerOptions options, String... addresses) {
        return of(handlers, StreamRequest.class, "the handler", options, addresses);
    }

    /**
     * Creates a server for each address of a transport with packets.
     *
     * @param handlers the source of handlers, shared by all servers
     * @param options the options of each server, except those in the query of its address
     * @param addresses the addresses
     * @return the servers, not bound
     * @throws IllegalArgumentException if an address or one of its options is invalid, its artifact is missing, or its
     *     transport has connections
     * @throws IllegalStateException if the artifact of an address is present, but its file in {@code META-INF/services}
     *     is not
     */
    public static Servers ofDatagrams(
            HandlerSource<DatagramRequest> handlers, ServerOptions options, String... addresses) {
        return of(handlers, DatagramRequest.class, "the handler", options, addresses);
    }

    /**
     * Puts servers together that were created one by one.
     *
     * @param servers one or more servers, not bound
     * @return the servers
     * @throws IllegalArgumentException if there is none
     */
    public static Servers of(BaseServer<?>... servers) {
        return new Servers(List.of(servers));
    }

    private static Servers of(
            HandlerSource<?> handlers,
            Class<? extends Request> handled,
            String handler,
            ServerOptions options,
            String... addresses) {
        Objects.requireNonNull(options, "options");
        List<BaseServer<?>> created = new ArrayList<>();
        for (String text : addresses) {
            ServerAddress address = new ServerAddress(text);
            if (!handled.isAssignableFrom(address.requestType())) {
                throw new IllegalArgumentException(handler + " handles a " + handled.getSimpleName() + ", but " + text
                        + " has a " + address.requestType().getSimpleName());
            }
            created.add(address.server(handlers, options));
        }
        return new Servers(created);
    }

    @SuppressWarnings("unchecked") // Compared with the transports before a server gets it.
    private static Class<? extends RequestHandler<? super Request>> typed(Class<? extends RequestHandler<?>> handler) {
        return (Class<? extends RequestHandler<? super Request>>) handler;
    }

    // Configuration

    /**
     * Returns the servers.
     *
     * @return an unmodifiable list, in the order of the addresses
     */
    public List<BaseServer<?>> servers() {
        return servers;
    }

    /**
     * Returns the addresses: after binding those that are bound, with their ports.
     *
     * @return a list in the order of the servers
     */
    public List<SocketAddress> addresses() {
        return servers.stream().<SocketAddress>map(BaseServer::address).toList();
    }

    /**
     * Gives each server a mix-in of its own. For a bound on all of them together see {@link #maxConcurrent}.
     *
     * @param mixIns called once for each server, for example {@code ThreadingMixIn::new}
     * @throws IllegalStateException if a server is bound or closed already
     * @throws IllegalArgumentException if a mix-in does not fit its server
     */
    public void mixIn(Supplier<? extends MixIn> mixIns) {
        servers.forEach(server -> server.mixIn(mixIns.get()));
    }

    /**
     * Adds a layer to each server that has connections.
     *
     * @param layer the layer, shared by all connections
     * @throws IllegalStateException if a server is bound or closed already
     * @throws UnsupportedOperationException if no server has connections
     */
    public void layer(Layer layer) {
        List<BaseServer<?>> streams = servers.stream()
                .filter(server -> !(server instanceof DatagramServer))
                .toList();
        (streams.isEmpty() ? servers : streams).forEach(server -> server.layer(layer));
    }

    /**
     * Adds a listener for the events of all servers.
     *
     * @param listener the listener, shared by all threads
     * @throws IllegalStateException if a server is bound or closed already
     */
    public void listener(RequestListener listener) {
        servers.forEach(server -> server.listener(listener));
    }

    /**
     * Sets the maximum number of requests that run at the same time in all servers together, in addition to the limits
     * of their mix-ins. At the limit, {@link org.socketserver.api.Limits#whenFull} decides what happens to further
     * clients. If requests arrive at several addresses at the very moment when one place is left, each address may
     * begin one. Default: no limit.
     *
     * @param limit the maximum number of requests
     * @throws IllegalArgumentException if it is less than 1
     * @throws IllegalStateException if a server is bound or closed already
     */
    public void maxConcurrent(int limit) {
        Checks.atLeast("maxConcurrent", limit, 1, "requests");
        TotalLimit total = new TotalLimit(limit, servers);
        servers.forEach(server -> server.total(total));
    }

    // Serving

    /**
     * Binds all servers that are not bound.
     *
     * @throws IOException if one can't be bound; all are closed then
     * @throws IllegalStateException if one is closed; all are closed then
     */
    public void bind() throws IOException {
        boolean done = false;
        try {
            for (BaseServer<?> server : servers) {
                server.bind();
            }
            done = true;
        } finally {
            if (!done) {
                close(Duration.ZERO);
            }
        }
    }

    /**
     * Serves until {@link #shutdown()} or {@link #close()}, or until one of the servers ends serving. Binds the servers
     * first if necessary. Interrupting the calling thread has the effect of {@code shutdown}.
     *
     * @throws IOException if a server can't be bound, or the listening socket of one fails while serving
     * @throws IllegalStateException if a server is closed or serves already
     */
    public void serveForever() throws IOException {
        Run current = begin((server, failure) -> {});
        boolean interrupted = false;
        while (true) {
            try {
                current.left.await();
                break;
            } catch (InterruptedException stop) {
                interrupted = true;
                shutdown();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        IOException failure = current.failure.get();
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Binds the servers on the calling thread if necessary, and serves on other threads. If the listening socket of one
     * fails later, this is logged, and all end serving.
     *
     * @throws IOException if a server can't be bound
     * @throws IllegalStateException if a server is closed or serves already
     */
    public void start() throws IOException {
        begin(BaseServer::logEnd);
    }

    private Run begin(BiConsumer<BaseServer<?>, @Nullable IOException> log) throws IOException {
        bind();
        Run begun = new Run();
        boolean done = false;
        try {
            for (BaseServer<?> server : servers) {
                server.start(failure -> {
                    log.accept(server, failure);
                    begun.ended(failure);
                });
            }
            done = true;
            return begun;
        } finally {
            if (!done) {
                shutdown();
            }
        }
    }

    // Ready, suspended

    /**
     * Returns whether a load balancer should send clients to these servers.
     *
     * @return true if all are ready
     */
    public boolean isReady() {
        return servers.stream().allMatch(BaseServer::isReady);
    }

    /**
     * Sets whether {@link #isReady()} may be true: see {@link BaseServer#ready}.
     *
     * @param ready false to be not ready
     */
    public void ready(boolean ready) {
        servers.forEach(server -> server.ready(ready));
    }

    /** Suspends accepting and receiving until {@link #resume()}: see {@link BaseServer#suspend}. */
    public void suspend() {
        servers.forEach(BaseServer::suspend);
    }

    /** Resumes accepting and receiving. */
    public void resume() {
        servers.forEach(BaseServer::resume);
    }

    /**
     * Returns the requests of all servers that are not closed.
     *
     * @return a snapshot, in the order of the servers
     */
    public List<LiveRequest> liveRequests() {
        return servers.stream()
                .flatMap(server -> server.liveRequests().stream())
                .toList();
    }

    /**
     * Returns the sums of the counters.
     *
     * @return the counters of all servers together: {@link ServerStats#plus}
     */
    public ServerStats stats() {
        return servers.stream().map(BaseServer::stats).reduce(ServerStats::plus).orElseThrow();
    }

    // Stop

    /** Ends serving at all addresses: see {@link BaseServer#shutdown()}. The servers can serve again. */
    public void shutdown() {
        onEach(server -> {
            server.shutdown();
            return NOTHING;
        });
    }

    /**
     * Ends serving and the running requests of all servers, at the same time: see {@link
     * BaseServer#shutdown(Duration)}.
     *
     * @param grace how long busy requests may continue; zero aborts them at once
     * @return how the requests of all servers have ended
     * @throws IllegalArgumentException if the time is negative
     */
    public ShutdownReport shutdown(Duration grace) {
        Checks.notNegative("grace", grace);
        return onEach(server -> server.shutdown(grace));
    }

    /** Closes all servers, each with its own grace period: see {@link BaseServer#close()}. */
    @Override
    public void close() {
        onEach(server -> server.close(server.options().grace()));
    }

    /**
     * Closes all servers, at the same time: see {@link BaseServer#close(Duration)}.
     *
     * @param grace how long busy requests may continue; zero aborts them at once
     * @return how the requests of all servers have ended
     * @throws IllegalArgumentException if the time is negative
     */
    public ShutdownReport close(Duration grace) {
        Checks.notNegative("grace", grace);
        return onEach(server -> server.close(grace));
    }

    /**
     * Stops each server on a thread of its own, except for one, which the calling thread stops: the server of which it
     * runs a handler, because that handler must not be waited for.
     */
    private ShutdownReport onEach(Function<BaseServer<?>, ShutdownReport> stop) {
        Thread caller = Thread.currentThread();
        BaseServer<?> own = servers.stream()
                .filter(server -> server.runsOn(caller))
                .findFirst()
                .orElse(servers.get(0));
        List<Stop> others = new ArrayList<>();
        for (BaseServer<?> server : servers) {
            if (server != own) {
                others.add(new Stop(server, stop));
            }
        }
        ShutdownReport report = stop.apply(own);
        for (Stop other : others) {
            report = report.plus(other.await());
        }
        return report;
    }

    @Override
    public String toString() {
        return servers.toString();
    }

    /** One run of all servers, from its begin until the last one has ended. */
    private final class Run {
        private final CountDownLatch left = new CountDownLatch(servers.size());
        private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();

        private void ended(@Nullable IOException reason) {
            if (reason != null) {
                failure.compareAndSet(null, reason);
            }
            try {
                shutdown();
            } finally {
                left.countDown();
            }
        }
    }

    /** The stop of one server, on a thread of its own, or on that of the caller if there can be no other. */
    private static final class Stop {
        private final FutureTask<ShutdownReport> task;
        private @Nullable Thread thread;

        Stop(BaseServer<?> server, Function<BaseServer<?>, ShutdownReport> stop) {
            task = new FutureTask<>(() -> stop.apply(server));
            try {
                Thread started = new Thread(null, task, server.name() + " stop", 0, false);
                started.start();
                thread = started;
            } catch (OutOfMemoryError noThread) {
                task.run();
            }
        }

        /** Waits for the end. An interrupt ends the grace period, as in a single server. */
        ShutdownReport await() {
            boolean interrupted = false;
            try {
                while (true) {
                    try {
                        return task.get();
                    } catch (InterruptedException endGrace) {
                        interrupted = true;
                        if (thread != null) {
                            thread.interrupt();
                        }
                    }
                }
            } catch (ExecutionException failure) {
                throw new IllegalStateException("a server can't be stopped", failure.getCause());
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
