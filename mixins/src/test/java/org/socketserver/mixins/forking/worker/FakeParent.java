package org.socketserver.mixins.forking.worker;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
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

    /** For each direction its own connection. */
    private final SocketPair commands = SocketPair.open();

    private final SocketPair reports = SocketPair.open();
    final ControlChannel control;
    final WorkerServer worker;
    /** The exception that ended the worker; null if there was none. */
    final CompletableFuture<Throwable> end = new CompletableFuture<>();

    /** The name and address of the server in the next request. */
    Identity identity = new Identity("parent", LOCAL);

    private long last;

    private FakeParent(Class<?> handler, String transport) throws Exception {
        control = ControlChannel.over(reports.parent());
        control.sendOver(Channels.newOutputStream(commands.parent()));
        ControlChannel own = ControlChannel.over(commands.worker());
        own.sendOver(new UninterruptibleOutput(reports.worker()));
        ServerOptions options = ServerOptions.DEFAULTS.maxDatagramSize(7);
        worker = WorkerServer.of(start(handler.getName(), transport, options), own);
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
                identity,
                kind,
                false,
                LOCAL,
                REMOTE,
                List.of(),
                Map.of(),
                false,
                100,
                text.getBytes(StandardCharsets.UTF_8));
        last = number;
        control.send(FrameType.REQUEST, number, assignment::writeTo);
    }

    /** Sends a command about a request. */
    void command(FrameType type, long number, String text) throws IOException {
        worker.execute(new Frame(type, number, text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Sends the result of a reply: null if it was sent. */
    void replied(long number, Exception failure) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        FailureFormat.write(new DataOutputStream(bytes), failure);
        worker.execute(new Frame(FrameType.REPLIED, number, bytes.toByteArray()));
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

    Done awaitDone(long number) throws IOException {
        Frame frame = await(FrameType.DONE);
        if (frame.number() != number) {
            throw new IOException("request " + frame.number() + " ended, not " + number);
        }
        return Done.read(frame.open());
    }

    @Override
    public void close() throws IOException {
        // Ends a handler that waits: in a process of its own, it would end with that.
        command(FrameType.DATA, last, "");
        commands.close();
        reports.close();
        end.orTimeout(30, TimeUnit.SECONDS).join();
    }
}
