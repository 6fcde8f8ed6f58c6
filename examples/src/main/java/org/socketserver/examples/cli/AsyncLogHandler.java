package org.socketserver.examples.cli;

import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.socketserver.api.internal.PlainFailure;
import org.socketserver.api.internal.PlainText;
import org.socketserver.api.internal.Thrown;

/**
 * Writes log records to an {@link AsyncOutput}, so that logging never blocks on output that is not read: a record that
 * finds no room is dropped and counted. A record that can't be formatted goes to the {@link ErrorManager}.
 *
 * <p>Control characters in messages and failures are escaped, also in records of a handler's own loggers.
 */
final class AsyncLogHandler extends Handler {
    private final AsyncOutput output;

    AsyncLogHandler(AsyncOutput output) {
        this.output = output;
        setFormatter(new PlainFormatter());
    }

    /** Replaces the default handlers of java.util.logging; where the user has configured it, that stays. */
    static void install(AsyncOutput output) {
        if (System.getProperty("java.util.logging.config.file") == null
                && System.getProperty("java.util.logging.config.class") == null) {
            Logger root = LogManager.getLogManager().getLogger("");
            for (Handler handler : root.getHandlers()) {
                root.removeHandler(handler);
            }
            root.addHandler(new AsyncLogHandler(output));
        }
    }

    @Override
    public void publish(LogRecord event) {
        if (isLoggable(event)) {
            byte[] text;
            try {
                text = getFormatter().format(event).getBytes(output.charset());
            } catch (Throwable defect) {
                // As the handlers of the JDK do it. The defect may be one of the user's, with any text.
                String plain = PlainText.of(Thrown.text(defect));
                reportError(null, new IllegalStateException(plain), ErrorManager.FORMAT_FAILURE);
                return;
            }
            output.write(text, 0, text.length);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    /** Formats a plain copy of the record: other handlers may look at the record itself. */
    static final class PlainFormatter extends SimpleFormatter {
        private static final String FRAMEWORK = "org.socketserver";

        @Override
        public String format(LogRecord event) {
            if (FRAMEWORK.equals(event.getLoggerName())) {
                // Plain already, with stacks on lines of their own.
                return super.format(event);
            }
            LogRecord copy = new LogRecord(event.getLevel(), PlainText.of(formatMessage(event)));
            copy.setInstant(event.getInstant());
            copy.setLoggerName(event.getLoggerName());
            copy.setSourceClassName(event.getSourceClassName());
            copy.setSourceMethodName(event.getSourceMethodName());
            if (event.getThrown() != null) {
                copy.setThrown(PlainFailure.of(event.getThrown()));
            }
            return super.format(copy);
        }
    }
}
