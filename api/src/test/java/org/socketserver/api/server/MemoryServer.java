package org.socketserver.api.server;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.api.spi.Connection;

/** An in-memory stream transport that uses only exported types of this module. */
class MemoryServer extends BaseServer<StreamRequest> {
    final AtomicInteger fetches = new AtomicInteger();
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger released = new AtomicInteger();
    volatile IOException bindFailure;

    private final Queue<Object> arrivals = new ConcurrentLinkedQueue<>();
    private final Semaphore wake = new Semaphore(0);

    MemoryServer(HandlerSource<StreamRequest> handlers) {
        this(handlers, ServerOptions.DEFAULTS);
    }

    MemoryServer(HandlerSource<StreamRequest> handlers, ServerOptions options) {
        super(MemoryConnection.SERVER, handlers, options);
    }

    static MemoryServer of(RequestHandler<StreamRequest> function) {
        return new MemoryServer(HandlerSource.ofFunction(function));
    }

    MemoryConnection connect() {
        return connect(new MemoryConnection());
    }

    MemoryConnection connect(MemoryConnection connection) {
        arrivals.add(connection);
        wake.release();
        return connection;
    }

    /** Makes one call of getRequest throw. */
    void fail(Exception failure) {
        arrivals.add(failure);
        wake.release();
    }

    @Override
    public String transport() {
        return "memory";
    }

    @Override
    protected SocketAddress serverBind() throws IOException {
        opened.incrementAndGet();
        if (bindFailure != null) {
            throw bindFailure;
        }
        return MemoryConnection.SERVER;
    }

    @Override
    protected void serverClose() {
        released.incrementAndGet();
    }

    @Override
    protected boolean awaitReady(long millis) {
        try {
            if (arrivals.isEmpty()) {
                wake.tryAcquire(millis, TimeUnit.MILLISECONDS);
            }
            wake.drainPermits();
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
        return !arrivals.isEmpty();
    }

    @Override
    protected void wakeupTransport() {
        wake.release();
    }

    @Override
    protected StreamRequest getRequest() throws IOException {
        fetches.incrementAndGet();
        Object next = arrivals.poll();
        if (next instanceof IOException failure) {
            throw failure;
        }
        if (next instanceof RuntimeException failure) {
            throw failure;
        }
        return next == null ? null : newRequest((Connection) next);
    }

    protected StreamRequest newRequest(Connection connection) {
        return new ConnectionRequest(connection, this);
    }
}
