package org.socketserver.api.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.Rejection;
import org.socketserver.api.Request;
import org.socketserver.api.internal.EventLog;
import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.api.spi.Layer;

/**
 * Puts the layers of a server over its connections before the mix-in gets them, each connection on a thread of its own.
 * Without a mix-in, everything runs on the accept loop.
 *
 * <p>The number of handshakes is bounded: a new one ends the oldest. A connection whose handshake is done waits here
 * until the mix-in has capacity. It counts towards the limit but is never ended for a new one. The accept loop pauses
 * while there are twice as many threads as the limit, because connections wait or those that were ended are not gone
 * yet.
 *
 * <p>{@link #begin} and {@link #isFull} are for the accept loop. Any thread may call {@link #capacityReturned} and
 * {@link #requestEnded}, which never wait.
 */
final class Handshakes<R extends Request> {
    /** How long a connection that waits for capacity sleeps at most, in case a mix-in does not announce it. */
    private static final long MAX_SLEEP = TimeUnit.SECONDS.toNanos(1);

    private final Dispatcher<R> dispatcher;
    private final int max;
    private final EventLog log;
    private volatile List<Layer> layers = List.of();
    /** The last layer that identifies the client; null if it is known without. */
    private volatile @Nullable Layer identifying;

    /** The number of threads. */
    private final AtomicInteger threads = new AtomicInteger();
    /** The connections whose layers are not complete, oldest first. Whoever removes one decides. Guarded by itself. */
    private final Set<Exchange<R>> incomplete = new LinkedHashSet<>();
    /** The size of {@link #incomplete}, for threads that must not wait. */
    private volatile int inProgress;
    /** The connections that wait for capacity. */
    private final Queue<Exchange<R>> waiting = new ConcurrentLinkedQueue<>();
    /** Held to pass a request to the mix-in, so that the capacity that was seen is still there. */
    private final ReentrantLock turn = new ReentrantLock();

    Handshakes(Dispatcher<R> dispatcher, int max, EventLog log) {
        this.dispatcher = dispatcher;
        this.max = max;
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

    /** Returns whether no more connections can be taken now. */
    boolean isFull() {
        return threads.get() >= 2 * max;
    }

    /** Returns the number of connections whose layers are not complete. Never waits. */
    int inProgress() {
        return inProgress;
    }

    /** Begins the handshake of a connection on a new thread, without waiting. */
    void begin(Exchange<R> exchange) {
        String name = exchange.name() + " handshake";
        Thread thread = VirtualThreads.available()
                ? VirtualThreads.newThread(name, () -> run(exchange))
                : new Thread(() -> run(exchange), name);
        thread.setDaemon(true);
        boolean tooMany = threads.incrementAndGet() > max;
        add(exchange);
        boolean started = false;
        try {
            thread.start();
            started = true;
        } finally {
            if (!started) {
                remove(exchange);
                threads.decrementAndGet();
            }
        }
        if (tooMany) {
            endOldest(exchange);
        }
    }

    private void add(Exchange<R> exchange) {
        synchronized (incomplete) {
            incomplete.add(exchange);
            inProgress = incomplete.size();
        }
    }

    private void run(Exchange<R> exchange) {
        try {
            dispatcher.handshake(exchange);
        } finally {
            if (threads.getAndDecrement() == 2 * max) {
                dispatcher.wakeup();
            }
        }
    }

    /** Ends the oldest handshake, unless there is only the given one. */
    private void endOldest(Exchange<R> newest) {
        Exchange<R> oldest = newest;
        synchronized (incomplete) {
            Iterator<Exchange<R>> all = incomplete.iterator();
            if (all.hasNext()) {
                oldest = all.next();
            }
            if (oldest != newest) {
                all.remove();
                inProgress = incomplete.size();
            }
        }
        if (oldest != newest && oldest.end(new Ending.Rejected(Rejection.TOO_MANY_HANDSHAKES))) {
            log.contained("close", oldest.request()::close);
        }
    }

    /** Completes the handshake of a connection on the accept loop: as {@link #complete}, without {@link #begin}. */
    boolean completeHere(Exchange<R> exchange) {
        add(exchange);
        return complete(exchange);
    }

    /** Puts all layers over a connection. Returns false if the request was rejected or ended. */
    boolean complete(Exchange<R> exchange) {
        try {
            for (Layer layer : layers) {
                exchange.served().put(layer);
                if (layer == identifying && !dispatcher.admitClient(exchange)) {
                    return false;
                }
            }
            if (!remove(exchange)) {
                // Another thread is about to do the same.
                exchange.end(new Ending.Rejected(Rejection.TOO_MANY_HANDSHAKES));
            }
            return exchange.ending() == null;
        } catch (IOException failure) {
            failed(exchange, failure);
            return false;
        } finally {
            remove(exchange);
            exchange.served().endHandshake();
        }
    }

    /** Returns false if the connection was removed before. */
    private boolean remove(Exchange<R> exchange) {
        synchronized (incomplete) {
            boolean removed = incomplete.remove(exchange);
            inProgress = incomplete.size();
            return removed;
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
        // First, so that capacity that returns after it was asked for wakes this thread.
        waiting.add(exchange);
        try {
            while (exchange.ending() == null) {
                turn.lock();
                try {
                    if (dispatcher.mixInHasCapacity()) {
                        return dispatcher.pass(exchange);
                    }
                } finally {
                    turn.unlock();
                }
                if (dispatcher.rejectsWhenFull(exchange)) {
                    return false;
                }
                LockSupport.parkNanos(this, MAX_SLEEP);
                // Only a hook of the user can have interrupted this thread. Otherwise it would not sleep any more.
                Thread.interrupted();
            }
            return false;
        } finally {
            waiting.remove(exchange);
            // The next one finds out whether there is capacity left.
            capacityReturned();
        }
    }

    /** Lets the connection that waits for capacity the longest try again. */
    void capacityReturned() {
        Exchange<R> next = waiting.peek();
        if (next != null) {
            next.unparkHooks();
        }
    }

    /** Lets a connection that waits for capacity notice that it was ended. */
    void requestEnded(Exchange<?> exchange) {
        if (!waiting.isEmpty() && waiting.contains(exchange)) {
            exchange.unparkHooks();
        }
    }
}
