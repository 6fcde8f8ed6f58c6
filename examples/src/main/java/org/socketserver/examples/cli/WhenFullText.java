package org.socketserver.examples.cli;

import java.util.Iterator;
import java.util.List;
import org.socketserver.api.WhenFull;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads what becomes of requests for which there is no room: {@code wait}, {@code refuse}, {@code answer:TEXT}. */
final class WhenFullText implements ITypeConverter<WhenFull>, Iterable<String> {
    private static final String ANSWER = "answer:";

    @Override
    public WhenFull convert(String text) {
        if (text.startsWith(ANSWER) && text.length() > ANSWER.length()) {
            try {
                return WhenFull.answer(text.substring(ANSWER.length()) + '\n');
            } catch (IllegalArgumentException tooLong) {
                throw new TypeConversionException(tooLong.getMessage());
            }
        }
        return switch (text) {
            case "wait" -> WhenFull.WAIT;
            case "refuse" -> WhenFull.REFUSE;
            default -> throw new TypeConversionException("'" + text + "' is none of wait, refuse, answer:TEXT");
        };
    }

    /** The words, for completion. */
    @Override
    public Iterator<String> iterator() {
        return List.of("wait", "refuse", ANSWER).iterator();
    }
}
