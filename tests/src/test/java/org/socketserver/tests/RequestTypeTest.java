package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.StreamRequest;
import org.socketserver.examples.demos.Shout;
import org.socketserver.examples.demos.UdpEcho;

class HandlerClassesTest {
    private abstract static class Middle<A, B extends Request> extends BaseRequestHandler<B>
            implements java.util.function.Supplier<A> {}

    private abstract static class Far extends Middle<String, DatagramRequest> {}

    private abstract static class Unsaid<R extends StreamRequest> extends Middle<String, R> {}

    private interface Lambda extends RequestHandler<StreamRequest> {}

    private static Optional<Class<?>> of(Class<?> type) {
        return HandlerClasses.requestTypes(type).findFirst();
    }

    @Test
    void theRequestTypeIsFoundInAllSupertypes() {
        assertEquals(Optional.of(Request.class), of(BuiltIn.Echo.class));
        assertEquals(Optional.of(StreamRequest.class), of(Shout.class));
        assertEquals(Optional.of(DatagramRequest.class), of(UdpEcho.class));
        assertEquals(Optional.of(DatagramRequest.class), of(Far.class));
        assertEquals(Optional.of(StreamRequest.class), of(Unsaid.class));
        assertEquals(Optional.of(StreamRequest.class), of(Lambda.class));
        assertEquals(Optional.empty(), of(String.class));
    }
}
