package org.socketserver.api;

/**
 * What a user writes: the answer to one request, as blocking code.
 *
 * <p>Usually a subclass of {@link BaseRequestHandler}, of which the server makes a new instance for each request. As a
 * lambda it is one object for all requests, so it must keep no state:
 *
 * <pre>{@code
 * new TcpServer(address, request -> request.input().transferTo(request.output()));
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
}
