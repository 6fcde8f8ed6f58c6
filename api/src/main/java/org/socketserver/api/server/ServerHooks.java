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
 * The steps of the template that subclasses may replace: CPython's hooks under their Java names, in CPython's order.
 *
 * <p><b>Of a transport</b>: {@link #serverBind}, {@link #serverActivate}, {@link #awaitReady}, {@link
 * #wakeupTransport}, {@link #getRequest}, {@link #serverClose}.
 *
 * <p><b>Of a request</b>: on the accept loop {@link #getRequest}, {@link #clientKey}, {@link #verifyRequest}, {@link
 * #processRequest}; then, where the {@link org.socketserver.api.spi.MixIn} decides, {@link #finishRequest}, {@link
 * #handleError} if that threw, {@link #shutdownRequest}, {@link #closeRequest}.
 *
 * <p><b>Of the loop</b>: {@link #serviceActions} after each turn, {@link #handleTimeout}.
 *
 * <p>What a hook throws is logged and contained, except where its {@code throws} clause says what happens.
 *
 * @param <R> kind of request
 */
public abstract class ServerHooks<R extends Request> {
    /** For {@link BaseServer} alone. */
    ServerHooks() {}

    /**
     * Opens and binds the server's socket. Runs once, in {@link BaseServer#bind()}.
     *
     * @return the real address
     * @throws IOException if the address can't be had; whatever was opened is closed by {@link #serverClose()} then
     */
    protected abstract SocketAddress serverBind() throws IOException;

    /**
     * Makes the bound socket receive; runs once after {@link #serverBind()}. Does nothing unless overridden.
     *
     * @throws IOException if it can't
     */
    protected void serverActivate() throws IOException {}

    /**
     * Releases the server's socket. Runs in {@link BaseServer#close()}, and when binding failed; may run on a server
     * that was never bound.
     *
     * @throws IOException if it can't be released well; logged
     */
    protected abstract void serverClose() throws IOException;

    /**
     * Waits until a request may be ready. Runs on the accept loop.
     *
     * @param millis how long to wait, in ms; 0 does not wait
     * @return true if {@link #getRequest()} may find a request; false if time is over or {@link #wakeupTransport()} was
     *     called
     * @throws IOException if the listening socket failed; ends serving
     */
    protected abstract boolean awaitReady(long millis) throws IOException;

    /** Makes {@link #awaitReady}, running or next, return at once. Called by any thread, and in every state. */
    protected abstract void wakeupTransport();

    /**
     * Fetches a request that is ready, without waiting. Runs on the accept loop, which calls it until it gives null. A
     * transport that opens a file descriptor here does so inside of {@link
     * org.socketserver.api.spi.DescriptorLock#shared}, as {@link StreamServer} does.
     *
     * @return the next request; null if none is ready
     * @throws IOException if fetching failed: see {@link BaseServer} for what happens then
     */
    protected abstract @Nullable R getRequest() throws IOException;

    /**
     * Returns the key that a request counts against in {@link org.socketserver.api.Limits#perClient}. Runs on the
     * accept loop, only with such a limit, so it must be quick and must not read.
     *
     * <p>Unless overridden, the key is the {@link Network} of the IPv4 address alone, or of the first {@link
     * org.socketserver.api.Limits#perClientPrefix()} bits of the IPv6 address; a transport without IP addresses may
     * have its own, otherwise it is {@link Request#clientAddress()}.
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
     * Fetches a request that waits, although the process has no descriptor left, only to turn it away. Runs on the
     * accept loop. CPython has nothing like it.
     *
     * @return the request; null if none waits, or there is nothing to fetch it with
     */
    @Nullable
    R getRequestFromReserve() {
        return null;
    }

    /** Returns where this server logs. */
    abstract EventLog log();

    /**
     * Makes ready for the next time that {@link #getRequestFromReserve} is needed. Runs on the accept loop.
     *
     * @throws IOException if no descriptor is free
     */
    void refillReserve() throws IOException {}

    /**
     * Decides whether a request is served. Runs on the accept loop, so it must be quick and must not read.
     *
     * @param request the request
     * @return true, unless overridden; false refuses it: it is closed, no handler is made
     */
    protected boolean verifyRequest(R request) {
        return true;
    }

    /**
     * Hands a verified request to the mix-in. Runs on the accept loop.
     *
     * <p>An override that does without the mix-in calls {@link #finishRequest} and then, whatever that threw, {@link
     * #shutdownRequest}. If it does so on the accept loop and leaves the second call out, the server makes it.
     *
     * @param request the request
     * @throws Exception if it can't be processed; {@link #handleError} and {@link #shutdownRequest} follow
     */
    protected abstract void processRequest(R request) throws Exception;

    /**
     * Makes a handler and runs it. Runs where the mix-in decided.
     *
     * @param request the request
     * @throws Exception what the handler, its class or its factory threw; {@link #handleError} follows
     */
    protected abstract void finishRequest(R request) throws Exception;

    /**
     * Ends the output of a request, so that the peer reads the end after what was written, then calls {@link
     * #closeRequest}. Also called for rejected and failed requests. A failure that was not reported yet goes to {@link
     * #handleError} first, and the counters and limits change before the peer can see the end.
     *
     * @param request the request
     */
    protected abstract void shutdownRequest(R request);

    /**
     * Releases a request and reports its end.
     *
     * @param request the request
     */
    protected abstract void closeRequest(R request);

    /**
     * Called when a handler throws or a request can't be processed. Not called when the peer has disconnected or
     * when a stop cut the request.
     *
     * <p>Logs it unless overridden: in one line what the peer is to blame for, a deadline or a
     * {@link ProtocolException}; anything else with its stack. Control characters are escaped, and of each of both
     * kinds at most ten records are written in 10 s; then one tells how many were suppressed.
     *
     * @param request the request, still open; its address is {@link Request#clientAddress()}
     * @param failure what was thrown
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

    /** Called when {@link BaseServer#handleRequest()} has timed out. Notifies the mix-in unless overridden. */
    protected abstract void handleTimeout();

    /** Does periodic work on the accept loop. Calls the mix-in unless overridden. */
    protected abstract void serviceActions();
}
