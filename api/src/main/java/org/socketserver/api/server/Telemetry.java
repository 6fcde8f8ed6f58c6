package org.socketserver.api.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.time.Duration;
import jdk.jfr.FlightRecorder;
import org.socketserver.api.LiveRequest;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.Server;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.EventLog;

/**
 * Reports the events of one server to its counters, the Flight Recorder and the user's listener, in this order. Called
 * by the threads on which the events happen.
 */
final class Telemetry {
    private final Server server;
    private final EventLog log;
    private final ServerCounters counters = new ServerCounters();
    private volatile RequestListener listener = RequestListener.NONE;

    Telemetry(Server server) {
        this.server = server;
        log = new EventLog(server::name);
    }

    void listener(RequestListener newListener) {
        listener = newListener == RequestListener.NONE ? newListener : new Guarded(newListener, log);
    }

    EventLog log() {
        return log;
    }

    ServerCounters counters() {
        return counters;
    }

    /**
     * Returns false if there is certainly no recording. The first event would initialize the recorder, which takes a
     * tenth of a second, and fails if the heap is full.
     */
    private static boolean isRecording() {
        return FlightRecorder.isInitialized();
    }

    void requestStarted(Exchange<?> exchange) {
        counters.began();
        exchange.event(isRecording() ? RequestEvent.started() : null);
        listener.requestStarted(exchange.request());
    }

    /**
     * Reports the end of a closed request, which was counted when it was settled. Corrects the counters if its result
     * has changed.
     */
    void requestStopped(Exchange<?> exchange) {
        RequestEnd miscounted = exchange.miscounted();
        RequestEvent event = exchange.event();
        if (miscounted == null && event == null && listener == RequestListener.NONE) {
            return;
        }
        RequestEnd end = exchange.result();
        if (miscounted != null) {
            counters.corrected(miscounted, end);
        }
        if (event != null) {
            event.end(server.name(), exchange.id(), exchange.request(), end);
        }
        listener.requestStopped(exchange.request(), end);
    }

    void requestStuck(LiveRequest request) {
        counters.stuck();
        log.block(
                Level.WARNING,
                "stuck request",
                () -> server.name() + " has a stuck request: " + request + stackText(request));
        if (isRecording()) {}
        listener.requestStuck(request);
    }

    private static String stackText(LiveRequest request) {
        StringBuilder text = new StringBuilder();
        request.stack().forEach(frame -> text.append("\n\tat ").append(frame));
        return text.toString();
    }

    void datagramTruncated(SocketAddress sender, int limit, boolean delivered) {
        counters.truncated();
        if (isRecording()) {}
        listener.datagramTruncated(sender, limit, delivered);
    }

    void datagramUnanswerable(SocketAddress sender) {
        counters.unanswerable();
        log.log(
                Level.DEBUG,
                "unanswerable datagram",
                () -> server.name() + " dropped a datagram from " + AddressText.of(sender)
                        + ", which can't be answered");
    }

    void acceptFailed(IOException failure, Duration pause) {
        counters.acceptFailed(pause);
        if (isRecording()) {
            AcceptFailureEvent.record(server.name(), failure, pause);
        }
        listener.acceptFailed(failure, pause);
    }

    /** Calls the user's listener. What it throws is logged, and the request continues. */
    private record Guarded(RequestListener listener, EventLog log) implements RequestListener {
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
}
