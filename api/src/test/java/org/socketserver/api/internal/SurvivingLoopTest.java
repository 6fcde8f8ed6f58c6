package org.socketserver.api.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** A loop that survives every Throwable and logs it later. */
class SurvivingLoopTest {
    private final SurvivingLoop loop = new SurvivingLoop("a test's loop");
    private int turns;

    /** Keeps the error messages of the framework. */
    private static final class Messages extends Handler implements AutoCloseable {
        final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        private final Logger logger = Logger.getLogger("org.socketserver");
        volatile boolean fails;

        Messages() {
            logger.addHandler(this);
            logger.setUseParentHandlers(false);
        }

        @Override
        public void publish(LogRecord event) {
            if (event.getLevel() == Level.SEVERE) {
                if (fails) {
                    fails = false;
                    throw new OutOfMemoryError("on purpose");
                }
                texts.add(event.getMessage());
            }
        }

        void awaitReport() throws InterruptedException {
            String text = texts.poll(20, TimeUnit.SECONDS);
            while (text != null && !text.matches("a test's loop failed [1-9][0-9]* times and continues")) {
                text = texts.poll(20, TimeUnit.SECONDS);
            }
            assertNotNull(text, "nothing was logged");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
            logger.setUseParentHandlers(true);
        }
    }

    @Test
    void theLoopSurvivesEveryThrowableAndAnotherThreadLogsIt() throws Exception {
        SurvivingLoop.retain();
        try (Messages log = new Messages()) {
            loop.run(() -> switch (++turns) {
                case 1 -> throw new OutOfMemoryError("on purpose");
                case 2 -> throw new Exception("on purpose");
                case 3 -> throw new StackOverflowError("on purpose");
                default -> turns < 6;
            });
            assertEquals(6, turns);
            log.awaitReport();
        } finally {
            SurvivingLoop.release();
        }
    }

    @Test
    void aFailureThatCannotBeLoggedIsLoggedLater() throws Exception {
        try (Messages log = new Messages()) {
            log.fails = true;
            SurvivingLoop.retain();
            loop.count(new OutOfMemoryError("on purpose"));
            log.awaitReport();
        } finally {
            SurvivingLoop.release();
        }
    }

    @Test
    void theBallastIsReleasedByAnOutOfMemoryErrorAndTakenBackLater() throws Exception {
        SurvivingLoop.retain();
        try {
            SurvivingLoop.releaseBallast(new IllegalStateException("on purpose"));
            for (int i = 0; i < 2_000 && !SurvivingLoop.hasBallast(); i++) {
                Thread.sleep(10);
            }
            assertTrue(SurvivingLoop.hasBallast());
            SurvivingLoop.releaseBallast(new OutOfMemoryError("on purpose"));
            assertFalse(SurvivingLoop.hasBallast());
            for (int i = 0; i < 2_000 && !SurvivingLoop.hasBallast(); i++) {
                Thread.sleep(10);
            }
            assertTrue(SurvivingLoop.hasBallast());
        } finally {
            SurvivingLoop.release();
        }
    }

    @Test
    void countingAFailureAllocatesNothing() {
        Logger logger = Logger.getLogger("org.socketserver");
        // Many counts can be more than ten records, and the records of the other tests would be suppressed.
        logger.setLevel(Level.OFF);
        SurvivingLoop.retain();
        try {
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            OutOfMemoryError failure = new OutOfMemoryError("on purpose");
            // The first call loads classes.
            loop.count(failure);
            SurvivingLoop.pause();
            long before = threads.getCurrentThreadAllocatedBytes();
            long measuring = threads.getCurrentThreadAllocatedBytes() - before;
            before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 100; i++) {
                loop.count(failure);
            }
            SurvivingLoop.pause();
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertEquals(measuring, allocated);
        } finally {
            SurvivingLoop.release();
            logger.setLevel(null);
        }
    }
}
