package org.socketserver.mixins.forking.wire;

import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.socketserver.api.spi.PortableType;

/** Encodes a value as text. */
abstract class TextType<T> implements PortableType<T> {
    private final Class<T> type;
    private final String name;
    private final Function<T, String> text;
    private final Function<String, T> parse;

    TextType(Class<T> type, String name, Function<T, String> text, Function<String, T> parse) {
        this.type = type;
        this.name = name;
        this.text = text;
        this.parse = parse;
    }

    @Override
    public Class<T> type() {
        return type;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public byte[] encode(T value) {
        return text.apply(value).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public T decode(byte[] bytes) {
        return parse.apply(new String(bytes, StandardCharsets.UTF_8));
    }
}
