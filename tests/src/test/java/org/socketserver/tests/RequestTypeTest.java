package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.StreamRequest;
import org.socketserver.mixins.DatagramRequestHandler;
import org.socketserver.mixins.StreamRequestHandler;

/** The kind of request that a handler class handles is found in its supertypes. */
class RequestTypeTest {
    private abstract static class Middle<T, R extends Request> implements Supplier<T>, RequestHandler<R> {}

    private abstract static class Far extends Middle<String, DatagramRequest> {}

    private abstract static class Unsaid<R extends StreamRequest> extends Middle<String, R> {}

    private interface Lambda extends RequestHandler<StreamRequest> {}

    @SuppressWarnings("rawtypes")
    private abstract static class Raw implements RequestHandler {}

    @Test
    void itIsFoundInAllSupertypes() {
        assertEquals(Request.class, HandlerSource.requestType(Handlers.Echo.class));
        assertEquals(StreamRequest.class, HandlerSource.requestType(StreamRequestHandler.class));
        assertEquals(DatagramRequest.class, HandlerSource.requestType(DatagramRequestHandler.class));
        assertEquals(DatagramRequest.class, HandlerSource.requestType(Far.class));
        assertEquals(StreamRequest.class, HandlerSource.requestType(erased(Unsaid.class)));
        assertEquals(StreamRequest.class, HandlerSource.requestType(Lambda.class));
        assertEquals(Request.class, HandlerSource.requestType(erased(Raw.class)));
    }

    @SuppressWarnings("unchecked")
    private static Class<? extends RequestHandler<?>> erased(Class<?> handler) {
        return (Class<? extends RequestHandler<?>>) handler;
    }
}
