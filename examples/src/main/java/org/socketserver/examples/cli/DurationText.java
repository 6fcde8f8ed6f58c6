package org.socketserver.examples.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads times as people write them: {@code 500ms}, {@code 5s}, {@code 2m}, {@code 1h}, and {@code 5} for seconds. */
final class DurationText implements ITypeConverter<Duration> {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,3})?)(ms|s|m|h)?");
    private static final Map<String, Integer> MILLIS = Map.of("ms", 1, "s", 1_000, "m", 60_000, "h", 3_600_000);

    @Override
    public Duration convert(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is no time; write 500ms, 5s, 2m, 1h, or a number of seconds");
        }
        int unit = MILLIS.getOrDefault(parts.group(2) == null ? "s" : parts.group(2), 1);
        return Duration.ofMillis(new BigDecimal(parts.group(1))
                .multiply(BigDecimal.valueOf(unit))
                .longValue());
    }
}
