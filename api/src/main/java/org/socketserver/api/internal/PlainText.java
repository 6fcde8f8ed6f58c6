package org.socketserver.api.internal;

/**
 * Escapes text from untrusted sources for logs and terminals.
 *
 * <p>Control characters (ISO 646 and ISO 6429: line ends, escape, the 8-bit CSI), line and paragraph separators,
 * invisible format characters such as those that change the direction of text, and halves of surrogate pairs are
 * written as <code>&#92;u001b</code>. All other characters are unchanged. So a text stays on its line and can't control
 * a terminal.
 */
public final class PlainText {
    private PlainText() {}

    /**
     * Escapes a text.
     *
     * @param text any text
     * @return the escaped text; the same object if there was nothing to escape
     */
    public static String of(String text) {
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if ((c < ' ' || c > '~') && !isPlain(c)) {
                return escaped(text, i);
            }
            i += Character.charCount(c);
        }
        return text;
    }

    private static String escaped(String text, int firstEscaped) {
        StringBuilder escaped = new StringBuilder(text.length() + 16).append(text, 0, firstEscaped);
        text.substring(firstEscaped).codePoints().forEach(c -> {
            if (isPlain(c)) {
                escaped.appendCodePoint(c);
            } else {
                for (char unit : Character.toChars(c)) {
                    escaped.append(String.format("\\u%04x", (int) unit));
                }
            }
        });
        return escaped.toString();
    }

    private static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }
}
