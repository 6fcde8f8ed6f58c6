package org.socketserver.mixins.forking.worker;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;

/** Prints the stacks of all threads, the locks that they wait for, and deadlocks. */
final class Stacks {
    /** Maximum length in characters, so that it fits into one message. */
    private static final int MAX = 1 << 20;

    private Stacks() {}

    static String ofAllThreads() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        StringBuilder text = new StringBuilder();
        long[] deadlocked = threads.findDeadlockedThreads();
        if (deadlocked != null) {
            text.append(deadlocked.length).append(" threads wait for each other (a deadlock)\n");
        }
        for (ThreadInfo thread : threads.dumpAllThreads(true, true)) {
            append(text, thread);
            if (text.length() > MAX) {
                text.setLength(MAX);
                return text.append("... (cut)\n").toString();
            }
        }
        return text.toString();
    }

    private static void append(StringBuilder text, ThreadInfo thread) {
        text.append('"').append(thread.getThreadName()).append("\" ").append(thread.getThreadState());
        if (thread.getLockName() != null) {
            text.append(" on ").append(thread.getLockName());
        }
        if (thread.getLockOwnerName() != null) {
            text.append(", which \"").append(thread.getLockOwnerName()).append("\" holds");
        }
        text.append('\n');
        for (StackTraceElement frame : thread.getStackTrace()) {
            text.append("\tat ").append(frame).append('\n');
        }
    }
}
