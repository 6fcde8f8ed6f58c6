package org.socketserver.api.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.StreamRequest;

class BaseRequestHandlerTest {
    /** Records its steps, and throws in the given ones. */
    static class Steps extends BaseRequestHandler<StreamRequest> {
        final List<String> steps = new ArrayList<>();
        final Map<String, Exception> failures = new TreeMap<>();

        private void step(String name) throws Exception {
            steps.add(name);
            if (failures.containsKey(name)) {
                throw failures.get(name);
            }
        }

        Steps failing(String name) {
            failures.put(name, new IOException(name));
            return this;
        }

        @Override
        protected void open() throws Exception {
            step("open");
        }

        @Override
        protected void setup() throws Exception {
            step("setup");
        }

        @Override
        public void handle() throws Exception {
            step("handle");
        }

        @Override
        protected void finish() throws Exception {
            step("finish");
        }

        @Override
        protected void flush() throws Exception {
            step("flush");
        }
    }

    private static final MemoryServer SERVER = MemoryServer.of(request -> {});

    private static StreamRequest request() {
        return new ConnectionRequest(new MemoryConnection(), SERVER);
    }

    @Test
    void theStepsRunInOrder() throws Exception {
        Steps handler = new Steps();
        handler.handle(request());
        assertEquals(List.of("open", "setup", "handle", "finish", "flush"), handler.steps);
    }

    @Test
    void finishRunsIfHandleThrows() {
        Steps handler = new Steps().failing("handle").failing("finish").failing("flush");
        IOException failure = assertThrows(IOException.class, () -> handler.handle(request()));
        assertEquals(List.of("open", "setup", "handle", "finish", "flush"), handler.steps);
        assertEquals("handle", failure.getMessage());
        assertEquals("finish", failure.getSuppressed()[0].getMessage());
        assertEquals("flush", failure.getSuppressed()[1].getMessage());
    }

    @Test
    void finishDoesNotRunIfSetupThrows() {
        Steps handler = new Steps().failing("setup");
        assertThrows(IOException.class, () -> handler.handle(request()));
        assertEquals(List.of("open", "setup"), handler.steps);
    }

    @Test
    void theOutputIsFlushedIfFinishThrows() {
        Steps handler = new Steps().failing("finish");
        assertEquals(
                "finish",
                assertThrows(IOException.class, () -> handler.handle(request())).getMessage());
        assertEquals(List.of("open", "setup", "handle", "finish", "flush"), handler.steps);
    }

    @Test
    void anInstanceServesOnlyOneRequest() throws Exception {
        Steps handler = new Steps();
        assertThrows(IllegalStateException.class, handler::request);
        StreamRequest request = request();
        handler.handle(request);
        assertSame(request, handler.request());
        assertSame(SERVER, handler.server());
        assertEquals(MemoryConnection.CLIENT, handler.clientAddress());
        String message = assertThrows(IllegalStateException.class, () -> handler.handle(request()))
                .getMessage();
        assertEquals(
                "an instance of " + Steps.class.getName()
                        + " serves one request only; pass the class or a factory to the server",
                message);
    }
}
