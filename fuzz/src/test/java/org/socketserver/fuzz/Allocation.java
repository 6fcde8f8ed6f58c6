package org.socketserver.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/** Checks how much memory a parser allocates. */
public final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /** Room for exceptions and for what Jazzer's instrumentation allocates. */
    private static final long ALWAYS = 1024 * 1024;

    private Allocation() {}

    /** A parser with its input. */
    public interface Parser {
        /** Parses the input, each time from its beginning. */
        void parse() throws IOException;
    }

    /** Runs a parser, and checks that it allocates at most so many bytes and one megabyte. */
    public static void atMost(long most, Parser parser) throws IOException {
        long allocated = allocated(parser);
        if (allocated > ALWAYS + most) {
            // The first time loads and instruments classes.
            allocated = allocated(parser);
        }
        assertTrue(allocated <= ALWAYS + most, allocated + " bytes were allocated; expected are at most " + most);
    }

    private static long allocated(Parser parser) throws IOException {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        parser.parse();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
