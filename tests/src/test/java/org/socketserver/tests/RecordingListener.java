package org.socketserver.tests;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.ServerState;

/** Records every event, and lets a test wait until requests have ended. */
final class RecordingListener implements RequestListener {
    private final List<Request> started = new ArrayList<>();
    private final List<Request> stopped = new ArrayList<>();
    private final List<RequestEnd> ends = new ArrayList<>();
    private final List<String> truncated = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();
    private final List<ServerState> states = new ArrayList<>();

    @Override
    public synchronized void requestStarted(Request request) {
        started.add(request);
        notifyAll();
    }

    @Override
    public synchronized void requestStopped(Request request, RequestEnd end) {
        stopped.add(request);
        ends.add(end);
        notifyAll();
    }

    @Override
    public synchronized void datagramTruncated(SocketAddress sender, int limit, boolean delivered) {
        truncated.add(limit + (delivered ? " delivered" : " dropped"));
        notifyAll();
    }

    @Override
    public synchronized void acceptFailed(IOException failure, Duration pause) {
        pauses.add(pause);
        notifyAll();
    }

    @Override
    public synchronized void stateChanged(ServerState state) {
        states.add(state);
    }

    synchronized List<ServerState> states() {
        return List.copyOf(states);
    }

    synchronized List<Request> started() {
        return List.copyOf(started);
    }

    synchronized List<Request> stopped() {
        return List.copyOf(stopped);
    }

    synchronized List<String> truncated() {
        return List.copyOf(truncated);
    }

    synchronized List<Duration> pauses() {
        return List.copyOf(pauses);
    }

    /** Waits until the given number of requests have ended, and returns all ends so far. */
    synchronized List<RequestEnd> awaitEnds(int count) throws InterruptedException {
        long limit = System.nanoTime() + 20_000_000_000L;
        while (ends.size() < count) {
            long left = (limit - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError("expected " + count + " ends: " + ends);
            }
            wait(left);
        }
        return List.copyOf(ends);
    }
}
