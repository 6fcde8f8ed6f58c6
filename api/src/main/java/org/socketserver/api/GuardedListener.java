package org.socketserver.api;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import org.socketserver.api.log.EventLog;

/** Keeps what a user's listener throws away from the server: it is logged, and the request goes on. */
final class GuardedListener implements RequestListener {
    private final RequestListener listener;
    private final EventLog log;

    GuardedListener(RequestListener listener, EventLog log) {
        this.listener = listener;
        this.log = log;
    }

    @Override
    public void requestStarted(Request request) {
        guard(() -> listener.requestStarted(request));
    }

    @Override
    public void requestStopped(Request request, RequestEnd end) {
        guard(() -> listener.requestStopped(request, end));
    }

    @Override
    public void requestStuck(LiveRequest request) {
        guard(() -> listener.requestStuck(request));
    }

    @Override
    public void datagramTruncated(SocketAddress sender, int limit, boolean delivered) {
        guard(() -> listener.datagramTruncated(sender, limit, delivered));
    }

    @Override
    public void acceptFailed(IOException failure, Duration pause) {
        guard(() -> listener.acceptFailed(failure, pause));
    }

    private void guard(EventLog.Call call) {
        log.contained("the request listener", call);
    }
}
