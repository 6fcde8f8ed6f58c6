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
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.Stack;
import java.util.function.Consumer;
import java.util.stream.Collectors;
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
 * Writes a line for each request that has ended. Text that a client can influence, such as its address and exception
 * messages, can't end the line or control a terminal.
 */
record RequestLines(Form form, Consumer<String> out) implements RequestListener {
    private static final DateTimeFormatter MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    /** In characters; the text may have whole requests in it. */
    private static final int LONGEST_FAILURE = 1_000;

    private static final Set<String> FORMS =
            Arrays.stream(Form.values()).map(Choice::word).collect(Collectors.toSet());

    /** How a line is written. */
    enum Form {
        TEXT {
            @Override
            String line(String time, Request request, RequestEnd end) {
                return String.format(
                        Locale.ROOT,
                        "%s %s %s #%d %s %s, %d bytes in, %d out, %.3f ms%s",
                        time,
                        request.server().transport(),
                        AddressText.of(request.server().address()),
                        end.id(),
                        AddressText.of(request.clientAddress()),
                        end.reason(),
                        end.bytesIn(),
                        end.bytesOut(),
                        millis(end),
                        failure(end).map(failure -> ": " + failure).orElse(""));
            }
        },
        JSON {
            @Override
            String line(String time, Request request, RequestEnd end) {
                StringWriter line = new StringWriter();
                try (JsonGenerator json = JsonLines.FACTORY.createGenerator(line)) {
                    json.writeStartObject();
                    json.writeStringField("time", time);
                    json.writeStringField("transport", request.server().transport());
                    json.writeStringField(
                            "server", AddressText.of(request.server().address()));
                    json.writeNumberField("number", end.id());
                    json.writeStringField("client", AddressText.of(request.clientAddress()));
                    json.writeStringField("outcome", end.outcome().toString());
                    json.writeStringField("reason", end.reason());
                    json.writeNumberField("bytesIn", end.bytesIn());
                    json.writeNumberField("bytesOut", end.bytesOut());
                    json.writeNumberField("durationMs", millis(end));
                    Optional<String> failure = failure(end);
                    if (failure.isPresent()) {
                        json.writeStringField("failure", failure.get());
                    }
                    json.writeEndObject();
                } catch (IOException never) {
                    throw new UncheckedIOException(never);
                }
                return line.toString();
            }
        };

        abstract String line(String time, Request request, RequestEnd end);
    }

    /** Made when the first line is written in this form. */
    private static final class JsonLines {
        static final JsonFactory FACTORY =
                JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    }

    @Override
    public void requestStopped(Request request, RequestEnd end) {
        // Within the strings of JSON these escapes are JSON's own.
        out.accept(PlainText.of(form.line(MILLIS.format(Instant.now()), request, end)));
    }

    private static double millis(RequestEnd end) {
        return end.duration().toNanos() / 1e6;
    }

    private static Optional<String> failure(RequestEnd end) {
        return end.failure()
                .filter(failure -> end.outcome() == RequestOutcome.FAILED)
                .map(Thrown::text)
                .map(text -> text.length() > LONGEST_FAILURE ? text.substring(0, LONGEST_FAILURE) + "..." : text);
    }

    /** Takes the next word only if it is a form: after the option alone it is an argument of its own. */
    static final class FormOrNothing implements IParameterPreprocessor {
        @Override
        public boolean preprocess(Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
            boolean attached = "=".equals(info.get("separator"));
            if (!attached && (args.isEmpty() || !FORMS.contains(args.peek()))) {
                args.push(Choice.word(Form.TEXT));
            }
            return false;
        }
    }
}
