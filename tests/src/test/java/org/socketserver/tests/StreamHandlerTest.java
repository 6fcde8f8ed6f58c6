package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.socketserver.api.BaseServer;
import org.socketserver.api.HandlerSource;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.StreamRequest;
import org.socketserver.mixins.LineTooLongException;
import org.socketserver.mixins.StreamRequestHandler;

/** {@link StreamRequestHandler} behaves the same on every stream transport. */
@EachStreamSetup
class StreamHandlerTest extends ServingTest {
    /** Any handler of streams, as the fixture wants them. */
    private static RequestHandler<Request> each(HandlerSource<StreamRequest> handlers) {
        return request -> handlers.newHandler().handle((StreamRequest) request);
    }

    /** Sets and unsets no-delay, which not every transport has. */
    static final class NoDelay extends StreamRequestHandler {
        @Override
        protected boolean noDelay() {
            return false;
        }

        @Override
        public void handle() throws IOException {
            request().noDelay(true);
            request().noDelay(false);
            writeLine("fine, " + readLine());
        }
    }

    @Test
    void noDelayMayBeSetOnEveryTransport() throws Exception {
        BaseServer<?> server = started(each(HandlerSource.ofClass(NoDelay.class)));
        assertEquals("fine, thanks", connect(server).ask("thanks"));
    }

    /** Gathers its output, and lets the peer go before the end. */
    private static final class Gathering extends StreamRequestHandler {
        private final CountDownLatch written;
        private final CountDownLatch goOn;

        Gathering(CountDownLatch written, CountDownLatch goOn) {
            this.written = written;
            this.goOn = goOn;
        }

        @Override
        protected int outputBufferSize() {
            return 1_000_000;
        }

        @Override
        public void handle() throws IOException, InterruptedException {
            readLine();
            for (int i = 0; i < 900_000; i++) {
                output().write('x');
            }
            written.countDown();
            goOn.await();
        }
    }

    @Test
    void gatheredOutputThatThePeerDoesNotWaitForIsNoError() throws Exception {
        CountDownLatch written = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        BaseServer<?> server = started(each(HandlerSource.ofFactory(() -> new Gathering(written, goOn))));
        StreamClient client = connect(server);
        client.send("go");
        await(written);
        client.reset();
        goOn.countDown();
        assertSame(RequestOutcome.DISCONNECTED, events.awaitEnds(1).get(0).outcome());
        assertTrue(hooks.failures.isEmpty(), hooks.failures.toString());
    }

    @Test
    void gatheredOutputIsSentWhenTheHandlerEnds() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        BaseServer<?> server = started(each(HandlerSource.ofFactory(() -> new Gathering(new CountDownLatch(1), goOn))));
        StreamClient client = connect(server);
        client.send("go");
        goOn.countDown();
        assertEquals(900_000, client.readAll().length);
    }

    /** Takes short lines only. */
    static final class ShortLines extends StreamRequestHandler {
        @Override
        protected int maxLineLength() {
            return 10;
        }

        @Override
        public void handle() throws IOException {
            for (String line = readLine(); line != null; line = readLine()) {
                writeLine(line);
            }
        }
    }

    @Test
    void aLineThatIsTooLongEndsItsConnectionAndIsTheirFault() throws Exception {
        BaseServer<?> server = started(each(HandlerSource.ofClass(ShortLines.class)));
        StreamClient client = connect(server);
        assertEquals("0123456789", client.ask("0123456789"));
        client.send("0123456789a");
        assertSame(
                LineTooLongException.class,
                events.awaitEnds(1).get(0).failure().orElseThrow().getClass());
        assertTrue(log.messages(Level.WARNING).isEmpty(), "it is no error of the server");
        assertEquals("next", connect(server).ask("next"));
    }

    @Test
    void pipelinedLinesAreAllAnsweredInOrder() throws Exception {
        BaseServer<?> server = started(each(HandlerSource.ofClass(ShortLines.class)));
        StreamClient client = connect(server);
        client.write("one\ntwo\r\nthree\nlast".getBytes("US-ASCII"));
        client.halfClose();
        assertEquals("one\ntwo\nthree\nlast\n", new String(client.readAll(), "US-ASCII"));
    }
}
