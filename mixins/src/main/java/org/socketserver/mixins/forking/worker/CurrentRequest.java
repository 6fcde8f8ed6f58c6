package org.socketserver.mixins.forking.worker;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.RequestTask;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.ControlChannel.Body;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;

/**
 * One request in a worker, and what its handler and the parent send each other about it. The {@link CommandLoop}
 * receives the answers of the parent, so that a thread of a handler, which may be interrupted, never reads a channel.
 *
 * <p>Once the handler has ended, threads that it has left behind can't send and get no answer.
 */
final class CurrentRequest {
    private final ControlChannel control;
    private final long number;
    private final Thread thread = Thread.currentThread();
    private final Frame endOfInput;

    private volatile CompletableFuture<Frame> answer = new CompletableFuture<>();
    private volatile @Nullable RequestTask task;
    private volatile @Nullable String loss;
    private volatile boolean inputOver;
    private volatile boolean over;

    /** Creates a request. Called by the thread that runs its handler. */
    CurrentRequest(ControlChannel control, long number) {
        this.control = control;
        this.number = number;
        endOfInput = new Frame(FrameType.DATA, number, new byte[0]);
    }

    long number() {
        return number;
    }

    /** Called when the handler begins. */
    void begins(RequestTask newTask) {
        task = newTask;
    }

    /** Returns the task of the request while its handler runs, otherwise null. */
    @Nullable
    RequestTask task() {
        return over ? null : task;
    }

    /** Returns the stack of the handler. */
    List<StackTraceElement> stack() {
        return List.of(thread.getStackTrace());
    }

    /** Called when the handler has ended. */
    void ends() {
        over = true;
        answer.cancel(false);
    }

    boolean isOver() {
        return over;
    }

    /** Returns why the client can't be written to; null if it can. */
    @Nullable
    String loss() {
        return loss;
    }

    /**
     * Sends a message about the request.
     *
     * @throws ClosedChannelException if the handler has ended
     */
    void send(FrameType type, Body body) throws IOException {
        if (over) {
            throw new ClosedChannelException();
        }
        control.send(type, number, body);
    }

    /**
     * Sends a message and waits for its answer. Is not ended by an interrupt.
     *
     * @throws ClosedChannelException if the handler has ended
     */
    synchronized Frame ask(FrameType type, Body body) throws IOException {
        CompletableFuture<Frame> next = new CompletableFuture<>();
        // Set before the checks, so that an end at the same time either is seen or completes it.
        answer = next;
        if (inputOver) {
            return endOfInput;
        }
        send(type, body);
        try {
            return next.join();
        } catch (CancellationException ended) {
            throw new ClosedChannelException();
        }
    }

    /** Called with an answer of the parent, or the loss of the client. */
    void receive(Frame frame) {
        if (frame.type() == FrameType.LOST) {
            loss = frame.text();
        } else {
            answer.complete(frame);
        }
    }

    /** Answers a read that waits, and all later reads, with the end of input. */
    void endInput() {
        inputOver = true;
        answer.complete(endOfInput);
    }
}
