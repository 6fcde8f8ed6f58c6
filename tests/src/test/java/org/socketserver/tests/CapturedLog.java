package org.socketserver.tests;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/** The framework's log records during a test, kept off the console. */
final class CapturedLog extends Handler implements AutoCloseable {
    // A strong reference, because java.util.logging discards unreferenced loggers together with their handlers.
    private static final Logger LOGGER = Logger.getLogger("org.socketserver");

    private final Queue<LogRecord> records = new ConcurrentLinkedQueue<>();
    private final boolean broken;

    private CapturedLog(boolean broken) {
        this.broken = broken;
    }

    static CapturedLog begin() {
        return begin(false);
    }

    /** Returns a log that throws on each record. */
    static CapturedLog broken() {
        return begin(true);
    }

    private static CapturedLog begin(boolean broken) {
        CapturedLog log = new CapturedLog(broken);
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(log);
        return log;
    }

    @Override
    public void publish(LogRecord record) {
        records.add(record);
        if (broken) {
            throw new IllegalStateException("the disk is full");
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        LOGGER.removeHandler(this);
    }

    /** Returns and removes the messages so far. */
    List<String> drain() {
        List<String> messages = new ArrayList<>();
        for (LogRecord record = records.poll(); record != null; record = records.poll()) {
            messages.add(record.getMessage());
        }
        return messages;
    }

    /** Returns the messages of at least the given level. */
    List<String> messages(Level atLeast) {
        return records.stream()
                .filter(record -> record.getLevel().intValue() >= atLeast.intValue())
                .map(LogRecord::getMessage)
                .collect(Collectors.toList());
    }
}
