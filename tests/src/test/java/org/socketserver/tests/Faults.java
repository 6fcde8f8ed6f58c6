package org.socketserver.tests;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.spi.MixIn;
import org.socketserver.api.spi.RequestTask;

/** What can go wrong in a handler or a mix-in, for real where that can be had. */
final class Faults {
    private static final int CHUNK = 64 * 1024;

    private Faults() {}

    /** Asks for more than any heap of these tests has. */
    static void exhaustMemory() {
        List<long[]> never = List.of(new long[Integer.MAX_VALUE], new long[Integer.MAX_VALUE]);
        throw new AssertionError("there is more memory than thought: " + never.size());
    }

    /** Calls itself until the stack is full. */
    static void overflowStack() {
        throw new AssertionError("a stack without end: " + depth(1));
    }

    private static int depth(int depth) {
        // Never 0; the compiler must not see that.
        return depth == 0 ? 0 : depth(depth | 1) + 1;
    }

    /** Reads a line, then writes until that fails. */
    static void writeOn(Request request) throws IOException {
        Handlers.line(request);
        while (true) {
            request.output().write(new byte[CHUNK]);
        }
    }

    /** A handler in three steps, of which one throws. */
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

    /** Fails as it begins. */
    static final class FailingSetup extends FailingSteps {
        FailingSetup() {
            super("setup");
        }
    }

    /** Fails in the middle. */
    static final class FailingHandle extends FailingSteps {
        FailingHandle() {
            super("handle");
        }
    }

    /** Fails at the end. */
    static final class FailingFinish extends FailingSteps {
        FailingFinish() {
            super("finish");
        }
    }

    /** Can't be made. */
    static final class Unmade implements RequestHandler<Request> {
        Unmade() {
            throw new IllegalStateException("constructor on purpose");
        }

        @Override
        public void handle(Request request) {
            throw new AssertionError("there is no handler");
        }
    }

    /** A mix-in that behaves as another one. */
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

    /** Has never room. */
    static final class Full extends Wrapped {
        Full(MixIn mixIn) {
            super(mixIn);
        }

        @Override
        public boolean hasCapacity() {
            return false;
        }
    }

    /** Gets no thread. */
    static final class NoThread extends Wrapped {
        NoThread(MixIn mixIn) {
            super(mixIn);
        }

        @Override
        public void processRequest(RequestTask task) {
            throw new OutOfMemoryError("unable to create native thread");
        }
    }

    /** Throws when asked for the first time whether there is room. */
    static final class UnsureOfCapacity extends Wrapped {
        private final AtomicBoolean first = new AtomicBoolean(true);

        UnsureOfCapacity(MixIn mixIn) {
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
