package org.socketserver.api;

import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A handler in three steps: {@link #setup()}, {@link #handle()}, {@link #finish()}.
 *
 * <p>The server creates one instance for each request and uses it once, on one thread. As in CPython, {@code finish}
 * runs if and only if {@code setup} completed, also when {@code handle} throws. What {@code finish} throws after a
 * failure of {@code handle} is added to that failure as suppressed.
 *
 * @param <R> kind of request it can answer
 */
public abstract class BaseRequestHandler<R extends Request> implements RequestHandler<R> {
    private @Nullable R request;

    /** Creates a handler. A subclass that is passed to a server as a class needs a constructor without parameters. */
    protected BaseRequestHandler() {}

    /**
     * Prepares the handler. Does nothing unless overridden.
     *
     * @throws Exception to end the request; neither {@link #handle()} nor {@link #finish()} runs then
     */
    protected void setup() throws Exception {}

    /**
     * Handles the request.
     *
     * @throws Exception to end the request; {@link #finish()} runs first
     */
    public abstract void handle() throws Exception;

    /**
     * Cleans up. Does nothing unless overridden.
     *
     * @throws Exception to end the request as failed
     */
    protected void finish() throws Exception {}

    /**
     * Prepares the request, for base classes of handlers such as {@code StreamRequestHandler}. Runs before {@link
     * #setup()}, so that overrides of {@code setup} need not call {@code super.setup()}. Does nothing unless
     * overridden.
     *
     * @throws Exception to end the request; nothing else runs then
     */
    protected void open() throws Exception {}

    /**
     * Sends what a base class of handlers has buffered. Runs after {@link #finish()}. Does nothing unless overridden.
     *
     * @throws Exception to end the request as failed
     */
    protected void flush() throws Exception {}

    /**
     * Runs the three steps for one request. Called by the server.
     *
     * @param request the request
     * @throws IllegalStateException if this instance has served a request before
     * @throws Exception if a step throws it
     */
    @Override
    public final void handle(R request) throws Exception {
        if (this.request != null) {
            throw new IllegalStateException("an instance of " + getClass().getName()
                    + " serves one request only; pass the class or a factory to the server");
        }
        this.request = Objects.requireNonNull(request, "request");
        open();
        setup();
        try {
            handle();
        } catch (Throwable failure) {
            attempt(this::finish, failure);
            attempt(this::flush, failure);
            throw failure;
        }
        try {
            finish();
        } catch (Throwable failure) {
            attempt(this::flush, failure);
            throw failure;
        }
        flush();
    }

    /** Runs a step after a failure. What the step throws is added to that failure. */
    private static void attempt(Step step, Throwable failure) {
        try {
            step.run();
        } catch (Throwable second) {
            failure.addSuppressed(second);
        }
    }

    /**
     * Returns the request being handled.
     *
     * @return the request
     * @throws IllegalStateException if the handler has no request yet, as in its constructor
     */
    public final R request() {
        R current = request;
        if (current == null) {
            throw new IllegalStateException("the handler has no request yet");
        }
        return current;
    }

    /**
     * Returns the address of the peer.
     *
     * @return {@link Request#clientAddress()} of the request
     */
    public final SocketAddress clientAddress() {
        return request().clientAddress();
    }

    /**
     * Returns the server.
     *
     * @return {@link Request#server()} of the request
     */
    public final Server server() {
        return request().server();
    }

    /** One of the steps. */
    private interface Step {
        void run() throws Exception;
    }
}
