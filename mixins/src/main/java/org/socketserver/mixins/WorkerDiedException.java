package org.socketserver.mixins;

import java.io.IOException;
import java.io.Serial;

/**
 * Thrown when a worker process ended while it handled a request. The connection is closed, the server continues, and
 * another worker takes its place. Has no stack trace, because no code of this process is the cause.
 */
public class WorkerDiedException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    /** Exit statuses from here on stand for a signal, as in a shell. */
    private static final int SIGNALS = 128;

    private static final int MAX_SIGNALS = 64;

    /** Process id of the worker. */
    private final long pid;
    /** Its exit status. */
    private final int exitStatus;

    /**
     * Creates an exception.
     *
     * @param pid process id of the worker
     * @param exitStatus its exit status, as returned by {@link Process#exitValue()}
     * @param why what the parent knows about the cause; empty if nothing
     */
    public WorkerDiedException(long pid, int exitStatus, String why) {
        super("worker " + pid + " died: " + describe(exitStatus) + (why.isEmpty() ? "" : ", " + why));
        this.pid = pid;
        this.exitStatus = exitStatus;
    }

    /**
     * Returns the id of the process.
     *
     * @return its process id
     */
    public long pid() {
        return pid;
    }

    /**
     * Returns the exit status of the process.
     *
     * @return its exit status; 128 plus the signal number if a signal ended it
     */
    public int exitStatus() {
        return exitStatus;
    }

    /**
     * Returns the signal that ended the process.
     *
     * @return the signal number, 9 for SIGKILL; 0 if no signal ended it
     */
    public int signal() {
        return signal(exitStatus);
    }

    /**
     * Returns a text for the exit status of a process.
     *
     * @param exitStatus its exit status
     * @return for example {@code exit status 137 (signal 9)}
     */
    public static String describe(int exitStatus) {
        int signal = signal(exitStatus);
        return "exit status " + exitStatus + (signal == 0 ? "" : " (signal " + signal + ")");
    }

    private static int signal(int exitStatus) {
        return exitStatus > SIGNALS && exitStatus <= SIGNALS + MAX_SIGNALS ? exitStatus - SIGNALS : 0;
    }

    /** Does nothing: the stack would be that of the thread that waited. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
