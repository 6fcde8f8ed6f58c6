package org.socketserver.examples.cli;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.socketserver.examples.handlers.BuiltIn;
import org.socketserver.examples.servers.Concurrency;
import org.socketserver.examples.servers.Transport;
import org.socketserver.mixins.HandOver;
import org.socketserver.mixins.ThreadKind;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** One of a few words: reads it, and lists all of them for the help and for completion. */
abstract class Choice<T> implements ITypeConverter<T>, Iterable<String> {
    private final String what;
    private final Map<String, T> values = new LinkedHashMap<>();

    Choice(String what, T[] values, Function<T, String> word) {
        this.what = what;
        Arrays.stream(values).forEach(value -> this.values.put(word.apply(value), value));
    }

    /** Returns the name of a constant as it is written on the command line: in lower case, with hyphens. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public T convert(String word) {
        T value = values.get(word);
        if (value == null) {
            throw new TypeConversionException(
                    "there is no " + what + " '" + word + "'; there are " + String.join(", ", values.keySet()));
        }
        return value;
    }

    @Override
    public Iterator<String> iterator() {
        return values.keySet().iterator();
    }

    static final class OfTransport extends Choice<Transport> {
        OfTransport() {
            super("transport", Transport.values(), Transport::word);
        }
    }

    static final class OfMixIn extends Choice<Concurrency> {
        OfMixIn() {
            super("mix-in", Concurrency.values(), Concurrency::word);
        }
    }

    static final class OfThreads extends Choice<ThreadKind> {
        OfThreads() {
            super("kind of thread", ThreadKind.values(), Choice::word);
        }
    }

    static final class OfHandOver extends Choice<HandOver> {
        OfHandOver() {
            super("hand-over", HandOver.values(), Choice::word);
        }
    }

    static final class OfHandler extends Choice<BuiltIn> {
        OfHandler() {
            super("handler", BuiltIn.values(), BuiltIn::word);
        }
    }

    static final class OfForm extends Choice<RequestLines.Form> {
        OfForm() {
            super("form", RequestLines.Form.values(), Choice::word);
        }
    }
}
