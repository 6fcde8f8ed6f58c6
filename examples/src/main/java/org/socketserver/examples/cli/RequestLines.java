package org.socketserver.examples.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import java.util.function.Consumer;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.RequestOutcome;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.internal.PlainText;
import org.socketserver.api.internal.Thrown;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Writes a line for each request when it ends. Control characters in text that a client can influence, such as its
 * address and exception messages, are escaped.
 */
record RequestLines(Form form, Consumer<String> out) implements RequestListener {
    private static final DateTimeFormatter MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    /** The most characters of a failure; its text may contain whole requests. */
    private static final int MAX = 1_000;

    /** The format of a line. */
    enum Form {
        TEXT,
        JSON
    }

    @Override
    public void requestStopped(Request request, RequestEnd end) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("time", MILLIS.format(Instant.now()));
        fields.put("transport", request.server().transport());
        fields.put("server", AddressText.of(request.server().address()));
        fields.put("number", end.id());
        fields.put("client", AddressText.of(request.clientAddress()));
        fields.put("outcome", end.outcome().toString());
        fields.put("reason", end.reason());
        fields.put("bytesIn", end.bytesIn());
        fields.put("bytesOut", end.bytesOut());
        fields.put("durationMs", end.duration().toNanos() / 1e6);
        end.failure().filter(failure -> end.outcome() == RequestOutcome.FAILED).ifPresent(failure -> {
            String text = Thrown.text(failure);
            fields.put("failure", text.length() > MAX ? text.substring(0, MAX) + "..." : text);
        });
        // The escapes are also valid in JSON strings.
        out.accept(PlainText.of(form == Form.JSON ? json(fields) : text(fields)));
    }

    private static String text(Map<String, Object> fields) {
        String line = String.format(
                Locale.ROOT,
                "%s %s %s #%d %s %7$s, %8$d bytes in, %9$d out, %10$.3f ms",
                fields.values().toArray());
        return fields.containsKey("failure") ? line + ": " + fields.get("failure") : line;
    }

    private static String json(Map<String, Object> fields) {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            for (var field : fields.entrySet()) {
                json.writeObjectField(field.getKey(), field.getValue());
            }
            json.writeEndObject();
        } catch (IOException never) {
            throw new UncheckedIOException(never);
        }
        return line.toString();
    }

    /** Consumes the next argument only if it is a form, so that the option can be used without a value. */
    static final class FormOrNothing implements IParameterPreprocessor {
        @Override
        public boolean preprocess(Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
            boolean attached = "=".equals(info.get("separator"));
            if (!attached && (args.isEmpty() || !TextValues.words(Form.values()).contains(args.peek()))) {
                args.push(TextValues.word(Form.TEXT));
            }
            return false;
        }
    }
}
