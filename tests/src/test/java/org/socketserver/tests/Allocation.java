package org.socketserver.tests;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Heap allocation of threads. */
final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /**
     * Returns the number of heap bytes that the calling thread has allocated, or -1 on a virtual thread, where they are
     * not counted.
     */
    static long ofThisThread() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }
}
