package org.socketserver.mixins.pool;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.DeadlineException;
import org.socketserver.api.spi.RemoteHandling;
import org.socketserver.mixins.WorkerStartException;

/** Stands for a request that no worker will ever have. */
final class LostHandling implements RemoteHandling {
    private final String why;

    LostHandling(String why) {
        this.why = why;
    }

    @Override
    public @Nullable DeadlineException handle() throws WorkerStartException {
        throw new WorkerStartException("no worker for the request: " + why, null);
    }

    @Override
    public void drain() {}

    @Override
    public void expire(DeadlineException reason) {}

    @Override
    public void cut() {}

    @Override
    public boolean isWaiting() {
        return false;
    }

    @Override
    public long bytesIn() {
        return 0;
    }

    @Override
    public long bytesOut() {
        return 0;
    }

    @Override
    public String thread() {
        return "";
    }

    @Override
    public List<StackTraceElement> stack() {
        return List.of();
    }
}
