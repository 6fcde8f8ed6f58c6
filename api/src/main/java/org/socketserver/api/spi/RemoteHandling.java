package org.socketserver.api.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DeadlineException;

/**
 * Represents the handler of a request that is handled elsewhere, for example in another process: see {@link
 * RequestTask#delegateTo}.
 *
 * <p><b>Threads.</b> {@link #handle} runs on the thread that runs the task. All other methods may be called by any
 * thread, also before and after {@code handle}. They must not throw or wait.
 */
public interface RemoteHandling {
    /**
     * Handles the request. Returns when the remote handler has ended or is lost.
     *
     * @return the deadline that has passed, if the handler has caught its exception; otherwise null
     * @throws Exception the failure of the handler, as a local handler would have thrown it
     */
    @Nullable
    DeadlineException handle() throws Exception;

    /** Called repeatedly while a stop waits for the request. Does remotely what {@link RequestTask#drain()} does. */
    void drain();

    /**
     * Called when a deadline of the whole request has passed. Ends the handler, gracefully if possible and otherwise by
     * force, so that {@link #handle} returns soon.
     *
     * @param reason the deadline
     */
    void expire(DeadlineException reason);

    /**
     * Called when a stop aborts the request. Ends the handler at once and by force, so that {@link #handle} returns.
     */
    void abort();

    /**
     * Returns whether the handler waits for the peer: {@link org.socketserver.api.Request#isWaiting()} of the remote
     * handler.
     *
     * @return the last known state
     */
    boolean isWaiting();

    /**
     * Returns how many bytes the handler has read from the peer.
     *
     * @return the last known number
     */
    long bytesIn();

    /**
     * Returns how many bytes the handler has sent to the peer.
     *
     * @return the last known number
     */
    long bytesOut();

    /**
     * Returns where the handler runs, for {@link org.socketserver.api.LiveRequest#thread()}.
     *
     * @return for example {@code worker 4711}
     */
    String thread();

    /**
     * Returns the stack trace of the handler, for {@link org.socketserver.api.LiveRequest#stack()}.
     *
     * @return the last known stack trace, innermost frame first; empty before the first report
     */
    List<StackTraceElement> stack();
}
