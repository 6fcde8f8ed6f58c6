package org.socketserver.api.server;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Collects the log records of the framework instead of printing them. */
final class QuietLog extends Handler implements BeforeEachCallback, AfterEachCallback {
    private static final Logger LOGGER = Logger.getLogger("org.socketserver");

    private final List<LogRecord> records = new CopyOnWriteArrayList<>();

    List<String> messages() {
        return records.stream().map(LogRecord::getMessage).toList();
    }

    List<LogRecord> records() {
        return records;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(this);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        LOGGER.removeHandler(this);
        LOGGER.setUseParentHandlers(true);
    }

    @Override
    public void publish(LogRecord event) {
        records.add(event);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
