package org.socketserver.api.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Rejection;
import org.socketserver.api.Request;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.api.spi.Layer;

/**
 * Puts the layers of a server over its connections before the mix-in gets them, each connection on a thread of its own.
 *
 * <p>The number of handshakes is bounded: a new one ends the oldest. A connection whose handshake is done waits here
 * until the mix-in has capacity. It still counts, but is not ended, so the accept loop pauses when only such
 * connections are left.
 *
 * <p>{@link #begin} and {@link #isFull} are for the accept loop. Without a mix-in, everything runs on it.
 */
final class Handshakes<R extends Request> {
    private final Dispatcher<R> dispatcher;
    private final int most;
    private final EventLog log;
    private volatile List<Layer> layers = List.of();
    /** The last layer that identifies the client; null if it is known without. */
    private volatile @Nullable Layer identifying;

    /** The connections whose layers are not complete, oldest first. Guarded by itself. */
    private final Set<Exchange<R>> incomplete = new LinkedHashSet<>();

    /** Held to pass a request to the mix-in, so that the capacity that was seen is still there. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition capacity = lock.newCondition();
    /** The number of threads that wait for capacity. Changed under the lock. */
    private volatile int waiting;

    Handshakes(Dispatcher<R> dispatcher, int most, EventLog log) {
        this.dispatcher = dispatcher;
        this.most = most;
        this.log = log;
    }

    /** Adds a layer over those that were added before. Called before the server is bound. */
    void add(Layer layer) {
        List<Layer> more = new ArrayList<>(layers);
        more.add(layer);
        layers = List.copyOf(more);
        if (layer.identifiesClient()) {
            identifying = layer;
        }
    }

    /** Returns whether the server has no layers. */
    boolean isEmpty() {
        return layers.isEmpty();
    }

    /** Returns whether all layers are over the connection of a request. */
    boolean areComplete(Exchange<R> exchange) {
        return exchange.served().layers() == layers.size();
    }

    /** Returns whether the client is known before the first layer. */
    boolean clientIsKnown() {
        return identifying == null;
    }

    /** Returns whether no more connections can be taken, because all that are here wait for capacity. */
    boolean isFull() {
        return waiting >= most;
    }

    /** Begins the handshake of a connection on a new thread, without waiting. */
    void begin(Exchange<R> exchange) {
        String name = exchange.name() + " handshake";
        Thread thread = VirtualThreads.available()
                ? VirtualThreads.newThread(name, () -> dispatcher.handshake(exchange))
                : new Thread(() -> dispatcher.handshake(exchange), name);
        thread.setDaemon(true);
        makeRoom();
        synchronized (incomplete) {
            incomplete.add(exchange);
        }
        boolean started = false;
        try {
            thread.start();
            started = true;
        } finally {
            if (!started) {
                remove(exchange);
            }
        }
    }

    /** Ends the oldest handshake if there are too many. */
    private void makeRoom() {
        Exchange<R> oldest = null;
        synchronized (incomplete) {
            if (incomplete.size() + waiting >= most) {
                Iterator<Exchange<R>> all = incomplete.iterator();
                if (all.hasNext()) {
                    oldest = all.next();
                    all.remove();
                }
            }
        }
        if (oldest != null && oldest.end(new Ending.Rejected(Rejection.TOO_MANY_HANDSHAKES))) {
            log.contained("close", oldest.request()::close);
        }
    }

    private void remove(Exchange<R> exchange) {
        synchronized (incomplete) {
            incomplete.remove(exchange);
        }
    }

    /** Puts all layers over a connection. Returns false if the request was rejected or ended. */
    boolean complete(Exchange<R> exchange) {
        exchange.served().beginHandshake();
        try {
            for (Layer layer : layers) {
                exchange.served().put(layer);
                if (layer == identifying && !dispatcher.admitClient(exchange)) {
                    return false;
                }
            }
            return exchange.ending() == null;
        } catch (IOException failure) {
            failed(exchange, failure);
            return false;
        } finally {
            exchange.served().endHandshake();
            remove(exchange);
        }
    }

    private void failed(Exchange<R> exchange, IOException failure) {
        exchange.end(new Ending.Rejected(Rejection.HANDSHAKE_FAILED));
        exchange.threw(failure);
        // Counted and logged here, because a client must not reach the error hook before it has a handler.
        Throwable reason = exchange.takeError();
        if (reason != null) {
            log.log(Level.DEBUG, "handshake", () -> exchange.name() + ": handshake failed: " + reason.getMessage());
        }
    }

    /**
     * Waits until the mix-in has capacity, then passes the request to it. Returns false if the request was rejected or
     * ended, or its handler has already run on this thread.
     */
    boolean pass(Exchange<R> exchange) throws Exception {
        lock.lock();
        try {
            return awaitCapacity(exchange) && dispatcher.pass(exchange);
        } finally {
            // The next one finds out whether there is capacity left.
            capacity.signal();
            lock.unlock();
        }
    }

    private boolean awaitCapacity(Exchange<R> exchange) {
        // First, so that an end or a return of capacity after the checks signals.
        waiting++;
        try {
            while (exchange.ending() == null && !dispatcher.mixIn().hasCapacity()) {
                if (dispatcher.rejectsWhenFull(exchange)) {
                    return false;
                }
                capacity.awaitUninterruptibly();
            }
            return exchange.ending() == null;
        } finally {
            waiting--;
        }
    }

    /** Lets one of the connections that wait for capacity try again. */
    void capacityReturned() {
        if (waiting > 0) {
            lock.lock();
            try {
                capacity.signal();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Lets all connections that wait for capacity notice whether they were ended. */
    void requestEnded() {
        if (waiting > 0) {
            lock.lock();
            try {
                capacity.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
