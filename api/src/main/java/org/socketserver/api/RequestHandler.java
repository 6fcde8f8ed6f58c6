package org.socketserver.api;

/**
 * What a user writes: the answer to one request, as blocking code.
 *
 * <p>Usually a subclass of {@link BaseRequestHandler}, of which the server makes a new instance for each request. As a
 * lambda it is one object for all requests, so it must keep no state of a request:
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
     * Answers one request. Runs on the thread that the server's mix-in gave it.
     *
     * @param request the request; closed by the server when this returns or throws
     * @throws Exception whatever goes wrong; it ends this request only
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
