package org.socketserver.api.server;

import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.ServerStats;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.spi.MixIn;

/** A packet that a server without a socket has accepted and not yet handled. Its handler answers with one byte. */
final class DispatchedPacket {
    private static final byte[] DATA = {1};
    private static final SocketAddress CLIENT = InetSocketAddress.createUnresolved("client", 1);
    private static final RequestHandler<Request> ANSWER =
            request -> request.output().write(DATA);
    /** Returns null from every method; no test here calls it. */
    private static final MixIn.Host SERVER = (MixIn.Host) Proxy.newProxyInstance(
            MixIn.Host.class.getClassLoader(), new Class<?>[] {MixIn.Host.class}, (proxy, method, arguments) -> null);

    private final InFlight<DatagramRequest> inFlight = new InFlight<>();
    private final Dispatcher<DatagramRequest> dispatcher =
            new Dispatcher<>(new Hooks(), SERVER, HandlerSource.ofFunction(ANSWER), ServerOptions.DEFAULTS, inFlight);
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger reports = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private final PacketRequest request =
            new PacketRequest(DATA, false, CLIENT, SERVER, DATA.length, (bytes, target) -> sent.incrementAndGet());
    private final Exchange<?> exchange;
    private volatile RequestEnd end;

    DispatchedPacket() {
        dispatcher.telemetry().listener(new RequestListener() {
            @Override
            public void requestStopped(Request stopped, RequestEnd how) {
                end = how;
                reports.incrementAndGet();
            }
        });
        dispatcher.mixIn(task -> {});
        dispatcher.dispatch(request);
        exchange = inFlight.entries().get(0);
    }

    Exchange<?> exchange() {
        return exchange;
    }

    /** Runs only the handler, on the calling thread. */
    void handle() {
        exchange.enterHandler();
        try {
            ANSWER.handle(request);
        } catch (Exception never) {
            throw new AssertionError(never);
        } finally {
            exchange.leaveHandler();
        }
    }

    void close() {
        dispatcher.close(request);
    }

    /** Returns how many packets were sent. */
    int sent() {
        return sent.get();
    }

    /** Returns how often the end was reported. */
    int reports() {
        return reports.get();
    }

    /** Returns how many requests were counted as ended. */
    int counted() {
        return (int)
                stats().ended().values().stream().mapToLong(Long::longValue).sum();
    }

    RequestOutcome reported() {
        return end.outcome();
    }

    /**
     * Returns {@code counted as reported} if the counters, the report, the error hook and the reply agree, otherwise
     * their values.
     */
    String account() {
        ServerStats stats = stats();
        boolean once = reports() == 1 && counted() == 1 && stats.active() == 0 && stats.accepted() == 1;
        boolean same = stats.ended(end.outcome()) == 1
                && stats.bytesIn() == end.bytesIn()
                && stats.bytesOut() == end.bytesOut()
                && end.bytesOut() == sent();
        boolean errorReported = errors.get() == (end.outcome() == RequestOutcome.TIMED_OUT ? 1 : 0);
        return once && same && errorReported
                ? "counted as reported"
                : stats + " " + end + " sent " + sent() + ", reports " + reports() + ", errors " + errors;
    }

    private ServerStats stats() {
        return dispatcher.stats();
    }

    /** The hooks of {@link BaseServer}, without a transport. */
    private final class Hooks extends ServerHooks<DatagramRequest> {
        @Override
        EventLog log() {
            return EventLog.PROCESS;
        }

        @Override
        protected SocketAddress serverBind() {
            return CLIENT;
        }

        @Override
        protected void serverClose() {}

        @Override
        protected boolean awaitReady(long millis) {
            return false;
        }

        @Override
        protected void wakeupTransport() {}

        @Override
        protected DatagramRequest getRequest() {
            return null;
        }

        @Override
        protected void processRequest(DatagramRequest packet) throws Exception {
            dispatcher.process(packet);
        }

        @Override
        protected void finishRequest(DatagramRequest packet) throws Exception {
            dispatcher.finish(packet);
        }

        @Override
        protected void shutdownRequest(DatagramRequest packet) {
            dispatcher.shutdown(packet);
        }

        @Override
        protected void closeRequest(DatagramRequest packet) {
            dispatcher.close(packet);
        }

        @Override
        protected void handleError(DatagramRequest packet, Throwable failure) {
            errors.incrementAndGet();
        }

        @Override
        protected void handleTimeout() {}

        @Override
        protected void serviceActions() {}
    }
}
