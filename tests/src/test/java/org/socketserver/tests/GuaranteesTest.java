package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every guarantee of docs/guarantees.md names tests, and these exist. */
class GuaranteesTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern NAMED = Pattern.compile("`(\\w+Test)\\.(\\w+)`");
    private static final Pattern GUARANTEE = Pattern.compile("(?m)^(\\d+)\\. ");
    private static final Pattern TESTS = Pattern.compile("(?m)^\\| (\\d+) \\| .*$");

    @Test
    void everyTestThatThePageNamesExists() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/guarantees.md"));
        Map<String, String> sources = sources();
        List<String> missing = new ArrayList<>();
        Matcher named = NAMED.matcher(page);
        while (named.find()) {
            Pattern test = Pattern.compile("@(Parameterized|Repeated)?Test(Factory)?\\b[^;{}]*(\\{[^{}]*\\}[^;{}]*)?\\b"
                    + "(void|Stream<DynamicTest>) "
                    + named.group(2) + "\\(");
            if (!test.matcher(sources.getOrDefault(named.group(1), "")).find()) {
                missing.add(named.group());
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void everyGuaranteeOfThePageNamesATest() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/guarantees.md"));
        List<String> rows = TESTS.matcher(page)
                .results()
                .filter(row -> NAMED.matcher(row.group()).find())
                .map(row -> row.group(1))
                .toList();
        assertTrue(rows.size() > 20, "the table of tests was not found");
        assertEquals(
                GUARANTEE.matcher(page).results().map(found -> found.group(1)).toList(), rows);
    }

    private static Map<String, String> sources() throws IOException {
        try (Stream<Path> files = Files.find(
                ROOT,
                12,
                (file, is) -> file.toString().contains("/src/test/java/")
                        && file.toString().endsWith("Test.java"))) {
            return files.collect(
                    Collectors.toMap(GuaranteesTest::className, GuaranteesTest::text, (one, other) -> one + other));
        }
    }

    private static String className(Path file) {
        return file.getFileName().toString().replace(".java", "");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }
}
