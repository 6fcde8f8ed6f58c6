package org.socketserver.tests;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RequestTask;

/** Failures of handlers and mix-ins, real ones where possible. */
final class Faults {
    private static final int CHUNK = 64 * 1024;

    private Faults() {}

    /** Allocates more than any heap of these tests can hold. */
    static void exhaustMemory() {
        List<long[]> never = List.of(new long[Integer.MAX_VALUE], new long[Integer.MAX_VALUE]);
        throw new AssertionError("there is more memory than expected: " + never.size());
    }

    /** Recurses until the stack overflows. */
    static void overflowStack() {
        throw new AssertionError("unlimited stack: " + depth(1));
    }

    private static int depth(int depth) {
        // Never 0, but the compiler must not know.
        return depth == 0 ? 0 : depth(depth | 1) + 1;
    }

    /** Reads a line, then writes until a write fails. */
    static void writeOn(Request request) throws IOException {
        Handlers.line(request);
        while (true) {
            request.output().write(new byte[CHUNK]);
        }
    }

    /** A handler with one hook that throws. */
    private abstract static class FailingSteps extends BaseRequestHandler<Request> {
        private final String failing;

        FailingSteps(String failing) {
            this.failing = failing;
        }

        @Override
        protected void setup() {
            step("setup");
        }

        @Override
        public void handle() throws IOException {
            Handlers.line(request());
            step("handle");
        }

        @Override
        protected void finish() {
            step("finish");
        }

        private void step(String name) {
            if (name.equals(failing)) {
                throw new IllegalStateException(name + " on purpose");
            }
        }
    }

    /** Throws in {@code setup}. */
    static final class FailingSetup extends FailingSteps {
        FailingSetup() {
            super("setup");
        }
    }

    /** Throws in {@code handle}. */
    static final class FailingHandle extends FailingSteps {
        FailingHandle() {
            super("handle");
        }
    }

    /** Throws in {@code finish}. */
    static final class FailingFinish extends FailingSteps {
        FailingFinish() {
            super("finish");
        }
    }

    /** Throws in its constructor. */
    static final class FailingConstructor implements RequestHandler<Request> {
        FailingConstructor() {
            throw new IllegalStateException("constructor on purpose");
        }

        @Override
        public void handle(Request request) {
            throw new AssertionError("there is no handler");
        }
    }

    /** A mix-in that delegates to another one. */
    private abstract static class Wrapped implements MixIn {
        private final MixIn mixIn;

        Wrapped(MixIn mixIn) {
            this.mixIn = mixIn;
        }

        @Override
        public void attach(Host host) {
            mixIn.attach(host);
        }

        @Override
        public void open() throws IOException {
            mixIn.open();
        }

        @Override
        public boolean hasCapacity() {
            return mixIn.hasCapacity();
        }

        @Override
        public void processRequest(RequestTask task) throws Exception {
            mixIn.processRequest(task);
        }

        @Override
        public void serviceActions() {
            mixIn.serviceActions();
        }

        @Override
        public void handleTimeout() {
            mixIn.handleTimeout();
        }

        @Override
        public void close() {
            mixIn.close();
        }
    }

    /** Never has capacity. */
    static final class Full extends Wrapped {
        Full(MixIn mixIn) {
            super(mixIn);
        }

        @Override
        public boolean hasCapacity() {
            return false;
        }
    }

    /** Fails to create a thread. */
    static final class NoThread extends Wrapped {
        NoThread(MixIn mixIn) {
            super(mixIn);
        }

        @Override
        public void processRequest(RequestTask task) {
            throw new OutOfMemoryError("unable to create native thread");
        }
    }

    /** Throws on the first call of {@code hasCapacity}. */
    static final class FailingCapacity extends Wrapped {
        private final AtomicBoolean first = new AtomicBoolean(true);

        FailingCapacity(MixIn mixIn) {
            super(mixIn);
        }

        @Override
        public boolean hasCapacity() {
            if (first.getAndSet(false)) {
                throw new IllegalStateException("hasCapacity on purpose");
            }
            return super.hasCapacity();
        }
    }
}
