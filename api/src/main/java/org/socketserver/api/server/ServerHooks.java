package org.socketserver.api.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.Network;
import org.socketserver.api.Request;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.EventLog;

/**
 * The steps of the template that subclasses can override: CPython's hooks under their Java names, in CPython's order.
 *
 * <p><b>Of a transport</b>: {@link #serverBind}, {@link #serverActivate}, {@link #awaitReady}, {@link
 * #wakeupTransport}, {@link #getRequest}, {@link #serverClose}.
 *
 * <p><b>Of a request</b>: on the accept loop {@link #getRequest}, {@link #clientKey}, {@link #verifyRequest}, {@link
 * #processRequest}; then, on a thread that the {@link org.socketserver.api.spi.MixIn} chooses, {@link #finishRequest},
 * {@link #handleError} if that threw, {@link #shutdownRequest}, {@link #closeRequest}. The counters, limits and the
 * slot of the mix-in change after {@code handleError} and before {@code shutdownRequest}.
 *
 * <p>If the server has {@linkplain BaseServer#layer layers} and a mix-in, {@code processRequest} runs on the thread of
 * the connection's handshake; so do {@code clientKey} and {@code verifyRequest} if a layer identifies the client.
 *
 * <p><b>Of the loop</b>: {@link #serviceActions} after each turn, {@link #handleTimeout}.
 *
 * <p>What a hook throws is logged and contained, unless its {@code throws} clause says otherwise.
 *
 * @param <R> kind of request
 */
public abstract class ServerHooks<R extends Request> {
    /** For {@link BaseServer} only. */
    ServerHooks() {}

    /**
     * Opens and binds the server's socket. Runs once, in {@link BaseServer#bind()}.
     *
     * @return the bound address
     * @throws IOException if the address can't be bound; {@link #serverClose()} then closes what was opened
     */
    protected abstract SocketAddress serverBind() throws IOException;

    /**
     * Makes the bound socket accept connections or packets. Runs once, after {@link #serverBind()}. Does nothing unless
     * overridden.
     *
     * @throws IOException if the server can't be activated; it is not bound then
     */
    protected void serverActivate() throws IOException {}

    /**
     * Releases the server's socket. Runs in {@link BaseServer#close()} and when binding has failed. May run on a server
     * that was never bound.
     *
     * @throws IOException if closing fails; logged
     */
    protected abstract void serverClose() throws IOException;

    /**
     * Waits until a request may be ready. Runs on the accept loop.
     *
     * @param millis the maximum time to wait, in ms; 0 does not wait
     * @return true if {@link #getRequest()} may find a request; false if the time is over or {@link #wakeupTransport()}
     *     was called
     * @throws IOException if the listening socket has failed; ends serving
     */
    protected abstract boolean awaitReady(long millis) throws IOException;

    /** Makes the current or next call of {@link #awaitReady} return at once. Called by any thread and in any state. */
    protected abstract void wakeupTransport();

    /**
     * Fetches a request that is ready, without waiting. Runs on the accept loop, which calls it until it returns null.
     * A transport that opens a file descriptor here must do so inside {@link
     * org.socketserver.api.spi.DescriptorLock#shared}, as {@link StreamServer} does.
     *
     * @return the next request; null if none is ready
     * @throws IOException if accepting or receiving failed: see {@link BaseServer} for the consequences
     */
    protected abstract @Nullable R getRequest() throws IOException;

    /**
     * Returns the key that a request counts against in {@link org.socketserver.api.Limits#perClient}. Runs only if that
     * limit is set, on the accept loop, so it must be fast and must not read. After a layer that identifies the client,
     * it runs on the thread of the handshake instead, for several connections at the same time.
     *
     * <p>Unless overridden, the key is the IPv4 address, or the {@link Network} of the first {@link
     * org.socketserver.api.Limits#perClientPrefix()} bits of the IPv6 address. For other addresses it is {@link
     * Request#clientAddress()}, unless the transport has a key of its own.
     *
     * @param request the request
     * @return a key that is equal for requests of the same client
     */
    protected Object clientKey(R request) {
        SocketAddress client = request.clientAddress();
        return client instanceof InetSocketAddress internet && internet.getAddress() != null
                ? Network.around(
                        internet.getAddress(),
                        request.server().options().limits().perClientPrefix())
                : client;
    }

    /**
     * Fetches a waiting request with the descriptor in reserve, only to reject it, when the process has no other
     * descriptor left. Runs on the accept loop. Not a hook of CPython.
     *
     * @return the request; null if none waits, or if there is no reserve
     */
    @Nullable
    R getRequestFromReserve() {
        return null;
    }

    /** Returns the log of this server. */
    abstract EventLog log();

    /**
     * Refills the reserve for {@link #getRequestFromReserve}. Runs on the accept loop.
     *
     * @throws IOException if no descriptor is free
     */
    void refillReserve() throws IOException {}

    /**
     * Returns whether connections wait in a queue of the kernel that only this server accepts from. {@link
     * BaseServer#close(java.time.Duration)} serves only such a queue, and leaves any other to the processes that share
     * it.
     *
     * @return false unless overridden
     */
    protected boolean ownsQueue() {
        return false;
    }

    /**
     * Returns whether a request is served. Runs on the accept loop, so it must be fast and must not read. After a layer
     * that identifies the client, it runs on the thread of the handshake instead, for several connections at the same
     * time.
     *
     * @param request the request
     * @return true unless overridden; false rejects the request, so it is closed without a handler
     */
    protected boolean verifyRequest(R request) {
        return true;
    }

    /**
     * Passes a verified request to the mix-in. Runs on the accept loop; with layers and a mix-in on the thread of the
     * handshake, for one connection at a time.
     *
     * <p>An override that does not use the mix-in calls {@link #finishRequest} in {@code try} and {@link
     * #shutdownRequest} in {@code finally}. If it calls {@code finishRequest} on the accept loop, {@code
     * shutdownRequest} may be left out; the server calls it then.
     *
     * @param request the request
     * @throws Exception if the request can't be processed; {@link #handleError} and {@link #shutdownRequest} follow
     */
    protected abstract void processRequest(R request) throws Exception;

    /**
     * Creates a handler and runs it. Runs on a thread that the mix-in chooses.
     *
     * @param request the request
     * @throws Exception if the handler, its constructor or its factory throws it; {@link #handleError} follows
     */
    protected abstract void finishRequest(R request) throws Exception;

    /**
     * Ends the output of a request, so that the peer reads the end after what was written, then calls {@link
     * #closeRequest}. Also called for rejected and failed requests. Before the output ends, a failure that was not
     * reported yet is passed to {@link #handleError}, the counters and limits change, and a collected reply is sent,
     * unless all of this has been done already.
     *
     * @param request the request
     */
    protected abstract void shutdownRequest(R request);

    /**
     * Closes a request and reports its end, once, to the listener. A stop waits for this.
     *
     * @param request the request
     */
    protected abstract void closeRequest(R request);

    /**
     * Called when a handler throws or a request can't be processed. Not called when the peer has disconnected, a stop
     * has aborted the request, or it was ended to free memory ({@link ClientMemory}).
     *
     * <p>Logs the failure unless overridden. A failure that the peer has caused, a deadline or a {@link
     * ProtocolException}, is logged in one line; any other failure with its stack. Control characters are escaped. At
     * most ten records of each of these two kinds are written in 10 s; one more record has the number of suppressed
     * records.
     *
     * @param request the request, which is still open unless a deadline has closed it
     * @param failure the failure
     */
    protected void handleError(R request, Throwable failure) {
        String what = "request of " + AddressText.of(request.clientAddress()) + " to "
                + request.server().name();
        if (failure instanceof DeadlineException || failure instanceof ProtocolException) {
            log().log(Level.INFO, "request ended", what + " ended: " + failure.getMessage());
        } else {
            log().log(Level.ERROR, "request failed", what + " failed", failure);
        }
    }

    /** Called when {@link BaseServer#handleRequest()} has timed out. Calls the mix-in unless overridden. */
    protected abstract void handleTimeout();

    /** Does periodic work on the accept loop. Calls the mix-in unless overridden. */
    protected abstract void serviceActions();
}
