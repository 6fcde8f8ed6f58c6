package org.socketserver.api.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DeadlineException;

/**
 * Stands in for the handler of a request that is handled in another place, such as another process; see {@link
 * RequestTask#handleElsewhere}.
 *
 * <p><b>Threads.</b> {@link #handle} runs on the thread that runs the task. All other methods are called by any thread,
 * also before {@code handle} and after it; they never throw and don't wait.
 */
public interface RemoteHandling {
    /**
     * Handles the request; returns when the handler there has ended, or can't end any more.
     *
     * @return the deadline that was over, and which the handler has answered by itself; null if none was
     * @throws Exception what ended the handler, as a handler here would have thrown it
     */
    @Nullable
    DeadlineException handle() throws Exception;

    /** Called when a stop waits for the request, possibly often: {@link RequestTask#drain()} in that place. */
    void drain();

    /**
     * Ends the handler because it took too long, in good order if it can, else by force; {@link #handle} must end soon.
     *
     * @param reason the deadline
     */
    void expire(DeadlineException reason);

    /** Ends the handler at once and by force, because a stop waits no longer; {@link #handle} must end. */
    void cut();

    /**
     * Returns whether the handler waits for the peer: {@link org.socketserver.api.Request#isWaiting()} in that place.
     *
     * @return as it was seen last
     */
    boolean isWaiting();

    /**
     * Counts what the handler has read from the peer.
     *
     * @return bytes, as they were seen last
     */
    long bytesIn();

    /**
     * Counts what the handler has sent to the peer.
     *
     * @return bytes, as they were seen last
     */
    long bytesOut();

    /**
     * Returns where the handler runs, for {@link org.socketserver.api.LiveRequest#thread()}.
     *
     * @return for example {@code worker 4711}
     */
    String thread();

    /**
     * Returns what the handler is doing, for {@link org.socketserver.api.LiveRequest#stack()}.
     *
     * @return as it was seen last, innermost frame first; empty if it was not seen yet
     */
    List<StackTraceElement> stack();
}
