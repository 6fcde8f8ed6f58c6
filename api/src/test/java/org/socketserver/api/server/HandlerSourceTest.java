package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.StreamRequest;

class HandlerSourceTest {
    static class Quiet extends BaseRequestHandler<StreamRequest> {
        @Override
        public void handle() {}
    }

    static class Needy extends Quiet {
        Needy(String argument) {
            assertEquals("", argument);
        }
    }

    class Inner extends Quiet {}

    abstract static class Unfinished extends Quiet {}

    static class FailsWith extends Quiet {
        static Throwable failure;

        FailsWith() throws Throwable {
            throw failure;
        }
    }

    @Test
    void aClassCreatesAHandlerPerRequest() throws Exception {
        HandlerSource<StreamRequest> source = HandlerSource.ofClass(Quiet.class);
        assertInstanceOf(Quiet.class, source.newHandler());
        assertNotSame(source.newHandler(), source.newHandler());
        assertEquals(Optional.of(Quiet.class), source.handlerClass());
    }

    @Test
    void aFactoryCreatesAHandlerPerRequestAndHasNoClass() throws Exception {
        HandlerSource<StreamRequest> source = HandlerSource.ofFactory(Quiet::new);
        assertNotSame(source.newHandler(), source.newHandler());
        assertEquals(Optional.empty(), source.handlerClass());
        HandlerSource<StreamRequest> empty = HandlerSource.ofFactory(() -> null);
        assertEquals(
                "the handler factory returned null",
                assertThrows(NullPointerException.class, empty::newHandler).getMessage());
    }

    @Test
    void aFactoryPassedAsAFunctionCreatesAHandlerPerRequest() throws Exception {
        List<Quiet> made = new ArrayList<>();
        RequestHandler.Factory<StreamRequest> factory = () -> {
            made.add(new Quiet());
            return made.get(made.size() - 1);
        };
        HandlerSource<StreamRequest> source = HandlerSource.ofFunction(factory);
        for (int count = 1; count <= 2; count++) {
            StreamRequest request = new ConnectionRequest(new MemoryConnection(), MemoryServer.of(factory));
            source.newHandler().handle(request);
            assertEquals(count, made.size());
            assertSame(request, made.get(count - 1).request());
        }
    }

    @Test
    void aFunctionServesAllRequests() throws Exception {
        RequestHandler<Request> function = request -> {};
        HandlerSource<StreamRequest> source = HandlerSource.ofFunction(function);
        assertSame(function, source.newHandler());
        assertEquals(Optional.empty(), source.handlerClass());
    }

    @Test
    void aHandlerInstanceIsRejectedAsAFunction() {
        String message = assertThrows(IllegalArgumentException.class, () -> HandlerSource.ofFunction(new Quiet()))
                .getMessage();
        assertTrue(message.endsWith("pass Quiet.class or () -> new Quiet(...)"), message);
    }

    @Test
    void aClassThatCannotBeInstantiatedIsRejectedWithAnAlternative() {
        String needy = refusal(Needy.class);
        assertTrue(
                needy.contains("has no constructor without parameters; pass a factory instead: () -> new Needy("),
                needy);
        String inner = refusal(Inner.class);
        assertTrue(inner.contains("has no constructor without parameters (is it meant to be static?)"), inner);
        assertTrue(refusal(Unfinished.class).contains("is abstract"), "abstract");
    }

    private static String refusal(Class<? extends RequestHandler<StreamRequest>> type) {
        return assertThrows(IllegalArgumentException.class, () -> HandlerSource.ofClass(type))
                .getMessage();
    }

    @Test
    void anExceptionOfAConstructorIsNotWrapped() {
        HandlerSource<StreamRequest> source = HandlerSource.ofClass(FailsWith.class);
        for (Throwable failure : new Throwable[] {new IOException("full"), new AssertionError("wrong")}) {
            FailsWith.failure = failure;
            assertSame(failure, assertThrows(failure.getClass(), source::newHandler));
        }
        FailsWith.failure = new Throwable("odd");
        assertEquals(
                "odd",
                assertThrows(LinkageError.class, source::newHandler)
                        .getCause()
                        .getCause()
                        .getMessage());
    }
}
