package org.socketserver.api.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.ResourceBundle;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private static final long SECOND = 1_000_000_000;

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - SECOND);
    private final Queue<Runnable> later = new ConcurrentLinkedQueue<>();
    private final Backend backend = new Backend();
    private final EventLog log = new EventLog(() -> "tcp *:1", () -> backend, now::get, later::add);

    /** Keeps all records as a log would print them. */
    private static final class Backend implements System.Logger {
        private final Queue<String> records = new ConcurrentLinkedQueue<>();
        private Level threshold = Level.INFO;
        private RuntimeException broken;

        @Override
        public String getName() {
            return "test";
        }

        @Override
        public boolean isLoggable(Level level) {
            return level.compareTo(threshold) >= 0;
        }

        @Override
        public void log(Level level, ResourceBundle texts, String message, Throwable thrown) {
            if (broken != null) {
                throw broken;
            }
            StringWriter text = new StringWriter();
            text.write(level + " " + message);
            if (thrown != null) {
                text.write("\n");
                thrown.printStackTrace(new PrintWriter(text, true));
            }
            records.add(text.toString());
        }

        @Override
        public void log(Level level, ResourceBundle texts, String format, Object... parameters) {
            log(level, texts, format, (Throwable) null);
        }

        private List<String> drained() {
            List<String> drained = new ArrayList<>(records);
            records.clear();
            return drained;
        }
    }

    private void flood(int count) {
        for (int i = 0; i < count; i++) {
            log.log(Level.WARNING, "request failed", "record " + i);
        }
    }

    private void runLater() {
        for (Runnable task = later.poll(); task != null; task = later.poll()) {
            task.run();
        }
    }

    @Test
    void tenRecordsOfAKindAreWrittenInTenSecondsAndTheOthersAreCounted() {
        flood(1_000);
        assertEquals(10, backend.drained().size());
        assertEquals(1, later.size());
        now.addAndGet(10 * SECOND);
        runLater();
        assertEquals(List.of("WARNING tcp *:1: 990 more log records suppressed: request failed"), backend.drained());
        flood(20);
        assertEquals(10, backend.drained().size());
        assertEquals(1, later.size());
    }

    @Test
    void theCountIsWrittenWithTheNextRecordIfTheTimerFails() {
        EventLog untimed = new EventLog(() -> "tcp *:1", () -> backend, now::get, task -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        for (int i = 0; i < 15; i++) {
            untimed.log(Level.WARNING, "request failed", "record");
        }
        assertEquals(10, backend.drained().size());
        now.addAndGet(11 * SECOND);
        untimed.log(Level.WARNING, "request failed", "next");
        assertEquals(
                List.of("WARNING tcp *:1: 5 more log records suppressed: request failed", "WARNING next"),
                backend.drained());
    }

    @Test
    void aThrowableWhoseToStringThrowsIsLoggedWithItsClass() {
        log.log(Level.ERROR, "kind", "message", new IllegalStateException() {
            @Override
            public String toString() {
                throw new IllegalStateException("broken");
            }
        });
        String text = backend.drained().get(0);
        assertTrue(text.contains("(its toString() threw java.lang.IllegalStateException)"), text);
    }

    @Test
    void noIntervalOfTenSecondsHasMoreThanTenRecords() {
        List<Long> written = new ArrayList<>();
        long began = now.get();
        for (int i = 0; i < 6_000; i++) {
            now.set(began + i * SECOND / 100);
            log.log(Level.INFO, "kind", "record");
            backend.drained().stream().filter("INFO record"::equals).forEach(record -> written.add(now.get() - began));
        }
        assertTrue(written.size() >= 60, written.toString());
        for (int i = 10; i < written.size(); i++) {
            assertTrue(written.get(i) - written.get(i - 10) >= 10 * SECOND, written.toString());
        }
    }

    @Test
    void eachKindIsLimitedSeparately() {
        flood(100);
        backend.drained();
        log.log(Level.INFO, "other", "there");
        assertEquals(List.of("INFO there"), backend.drained());
    }

    @Test
    void closingWritesTheCountOnce() {
        flood(12);
        backend.drained();
        log.close();
        assertEquals(List.of("WARNING tcp *:1: 2 more log records suppressed: request failed"), backend.drained());
        now.addAndGet(10 * SECOND);
        runLater();
        log.close();
        assertEquals(List.of(), backend.drained());
    }

    @Test
    void recordsBelowTheLevelAreNotCounted() {
        for (int i = 0; i < 100; i++) {
            log.log(Level.DEBUG, "request failed", () -> "no");
        }
        flood(10);
        assertEquals(10, backend.drained().size());
        assertTrue(later.isEmpty());
    }

    @Test
    void manyThreadsWriteTenRecordsAndTheCountIsExact() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(new Thread(() -> flood(2_000)));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(10, backend.drained().size());
        assertEquals(1, later.size());
        runLater();
        assertEquals(List.of("WARNING tcp *:1: 15990 more log records suppressed: request failed"), backend.drained());
    }

    @Test
    void aLoggerThatThrowsLosesOnlyItsRecord() {
        backend.broken = new IllegalStateException("the disk is full");
        log.log(Level.ERROR, "kind", "lost", new IllegalStateException());
        log.contained("hook", () -> {
            throw new AssertionError();
        });
        EventLog none = new EventLog(() -> "x", () -> null, now::get, later::add);
        none.log(Level.ERROR, "kind", "lost");
        assertEquals(List.of(), backend.drained());
    }

    @Test
    void aNewlineNeverBeginsARecord() {
        String forged = "x\r\nWARNING forged\n\u001b[2J\u2028";
        log.log(Level.INFO, "a", forged);
        log.log(Level.INFO, "b", () -> forged);
        log.block(Level.INFO, "c", () -> "head\u0007\n\tat one\r\nforged \u001b[2J");
        assertEquals(
                List.of(
                        "INFO x\\u000d\\u000aWARNING forged\\u000a\\u001b[2J\\u2028",
                        "INFO x\\u000d\\u000aWARNING forged\\u000a\\u001b[2J\\u2028",
                        "INFO head\\u0007\n\t\tat one\n\tforged \\u001b[2J"),
                backend.drained());
    }

    @Test
    void theStackTraceOfAFailureHasNoForgedLine() {
        Throwable cause = new IllegalArgumentException("because\nWARNING forged by a cause");
        cause.setStackTrace(
                new StackTraceElement[] {new StackTraceElement("A\nWARNING forged by a class", "m", null, 1)});
        Throwable failure = new IllegalStateException("told\nWARNING forged", cause);
        failure.addSuppressed(new IllegalStateException("and\nWARNING forged by a suppressed one"));
        cause.addSuppressed(failure);
        log.log(Level.ERROR, "kind", "failed", failure);
        String record = backend.drained().get(0);
        assertTrue(record.contains("\njava.lang.IllegalStateException: told\\u000aWARNING forged"), record);
        assertTrue(record.contains("\nCaused by: java.lang.IllegalArgumentException: because\\u000aWARNING"), record);
        assertTrue(record.contains("\tSuppressed: java.lang.IllegalStateException: and\\u000a"), record);
        assertTrue(record.contains("\tat A\\u000aWARNING forged by a class.m("), record);
        assertTrue(record.contains("EventLogTest.theStackTraceOfAFailureHasNoForgedLine("), record);
        assertFalse(record.lines().anyMatch(Predicate.not(String::isEmpty).and(line -> line.startsWith("WARNING"))));
    }

    @Test
    void aFailureWithoutControlCharactersIsNotCopied() {
        Throwable failure = new IllegalStateException("plain", new IllegalArgumentException("too"));
        assertSame(failure, PlainFailure.of(failure));
    }

    @Test
    void aLongChainOfCausesIsTruncated() {
        Throwable chain = new IllegalStateException("end");
        for (int i = 0; i < 100_000; i++) {
            chain = new IllegalStateException("a\nb", chain);
        }
        int length = 0;
        for (Throwable copy = PlainFailure.of(chain); copy != null; copy = copy.getCause()) {
            length++;
        }
        assertEquals(100, length);
    }
}
