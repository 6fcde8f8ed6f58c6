package org.socketserver.api;

/**
 * Handles one request with blocking code. This is the interface that users of the framework implement.
 *
 * <p>A handler is usually a subclass of {@link BaseRequestHandler}, and the server creates a new instance for each
 * request. A lambda is one object for all requests, so it must not keep the state of a request:
 *
 * <pre>{@code
 * new TcpServer("127.0.0.1:8087", request -> request.input().transferTo(request.output()));
 * }</pre>
 *
 * @param <R> kind of request it can answer; {@link Request} for handlers that run on every transport
 */
@FunctionalInterface
public interface RequestHandler<R extends Request> {
    /**
     * Handles one request. Runs on a thread that the server's mix-in chooses.
     *
     * @param request the request; closed by the server when this returns or throws
     * @throws Exception if handling fails; this ends only this request
     */
    void handle(R request) throws Exception;

    /**
     * Creates a handler for each request, for handlers that share something or need arguments:
     *
     * <pre>{@code
     * var room = new Room();
     * var server = new TcpServer("127.0.0.1:8090", () -> new Chat(room));
     * }</pre>
     *
     * <p>It extends {@code RequestHandler} so that a server takes {@code Chat::new} as a factory, whatever other
     * constructors {@code Chat} has.
     *
     * @param <R> kind of request the handlers can answer
     */
    @FunctionalInterface
    interface Factory<R extends Request> extends RequestHandler<R> {
        /**
         * Returns a new handler. Runs on the thread that handles the request.
         *
         * @return a handler for one request
         * @throws Exception to end the request
         */
        RequestHandler<? super R> newHandler() throws Exception;

        /** Handles the request with a new handler. */
        @Override
        @SuppressWarnings("FunctionalInterfaceMethodChanged") // A factory handles what its handlers handle.
        default void handle(R request) throws Exception {
            newHandler().handle(request);
        }
    }
}
