package org.socketserver.mixins.forking.worker;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.socketserver.api.ServerOptions;
import org.socketserver.mixins.SocketPair;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.FailureFormat;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;
import org.socketserver.mixins.forking.wire.Messages.Assignment;
import org.socketserver.mixins.forking.wire.Messages.Done;
import org.socketserver.mixins.forking.wire.Messages.Identity;
import org.socketserver.mixins.forking.wire.Messages.Kind;
import org.socketserver.mixins.forking.wire.Messages.Start;

/** The parent of a worker that runs on a thread of this process. */
final class FakeParent implements AutoCloseable {
    static final InetSocketAddress LOCAL = new InetSocketAddress("127.0.0.1", 80);
    static final InetSocketAddress REMOTE = new InetSocketAddress("127.0.0.1", 50_000);

    final SocketPair pair;
    final ControlChannel control;
    final WorkerServer worker;
    /** The exception that ended the worker; null if there was none. */
    final CompletableFuture<Throwable> end = new CompletableFuture<>();

    private FakeParent(Class<?> handler, String transport) throws Exception {
        pair = SocketPair.open();
        control = pair.parentControl();
        ServerOptions options = ServerOptions.DEFAULTS.maxDatagramSize(7);
        worker = WorkerServer.of(start(handler.getName(), transport, options), pair.workerControl());
        Thread thread = new HandlerThread(this::serve, "main");
        thread.setDaemon(true);
        thread.start();
    }

    static Start start(String handler, String transport, ServerOptions options) {
        return new Start(Path.of("nowhere"), 1, false, handler, transport, new Identity("parent", LOCAL), options);
    }

    static FakeParent of(Class<?> handler) throws Exception {
        return new FakeParent(handler, "tcp");
    }

    private void serve() {
        try {
            worker.serveForever();
            end.complete(null);
        } catch (Throwable thrown) {
            end.complete(thrown);
        }
    }

    void relay(long number) throws IOException {
        assign(number, Kind.RELAY, "");
    }

    void packet(long number, String text) throws IOException {
        assign(number, Kind.PACKET, text);
    }

    void assign(long number, Kind kind, String text) throws IOException {
        Assignment assignment = new Assignment(
                number,
                kind,
                false,
                false,
                LOCAL,
                REMOTE,
                List.of(),
                Map.of(),
                false,
                100,
                text.getBytes(StandardCharsets.UTF_8));
        control.send(FrameType.REQUEST, assignment::writeTo);
    }

    /** Sends a message about a request. */
    void send(FrameType type, long number, String text) throws IOException {
        control.send(type, output -> {
            output.writeLong(number);
            output.write(text.getBytes(StandardCharsets.UTF_8));
        });
    }

    /** Sends the result of a reply: null if it was sent. */
    void replied(long number, Exception failure) throws IOException {
        control.send(FrameType.REPLIED, output -> {
            output.writeLong(number);
            FailureFormat.write(output, failure);
        });
    }

    /** Returns the next message of a type; drops other messages. */
    Frame await(FrameType type) throws IOException {
        for (Frame frame = control.receive(); frame != null; frame = control.receive()) {
            if (frame.type() == type) {
                return frame;
            }
        }
        throw new EOFException("the worker ended before a message " + type);
    }

    /** Returns the text of a message about a request. */
    static String text(Frame frame) {
        return frame.text().substring(Long.BYTES);
    }

    Done awaitDone(long number) throws IOException {
        Done done = Done.read(await(FrameType.DONE).open());
        if (done.number() != number) {
            throw new IOException("request " + done.number() + " ended, not " + number);
        }
        return done;
    }

    @Override
    public void close() throws IOException {
        pair.close();
        end.orTimeout(30, TimeUnit.SECONDS).join();
    }
}
