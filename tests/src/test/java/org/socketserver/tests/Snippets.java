package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * The Java snippets of README.md and docs/*.md, written to files that compile.
 *
 * <p>A block that declares a public class is one file. Any other block is the body of a {@code main} method, in a class
 * that is named after its page and its position there, such as {@code README3}. A block without imports gets all
 * exported packages and the usual ones of the JDK.
 */
final class Snippets {
    static final Path ROOT = Path.of("..");
    static final Path README = ROOT.resolve("README.md");

    private static final String CLASS_PATH = System.getProperty("java.class.path");
    private static final Pattern PUBLIC_CLASS = Pattern.compile("(?m)^public (?:final )?class (\\w+)");
    private static final Pattern EXPORT = Pattern.compile("exports ([\\w.]+);");

    private Snippets() {}

    /** Returns README.md and the pages in docs. */
    static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(README),
                            docs.filter(file -> file.toString().endsWith(".md")).sorted())
                    .toList();
        }
    }

    /** Returns the fenced blocks of a page in the given language. */
    static List<String> blocks(Path page, String language) {
        try {
            Matcher fence =
                    Pattern.compile("(?ms)^```" + language + "\n(.*?)^```$").matcher(Files.readString(page));
            return fence.results().map(found -> found.group(1)).toList();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** Returns the only block of a page that contains the given text. */
    static String blockWith(Path page, String language, String text) {
        List<String> found = blocks(page, language).stream()
                .filter(block -> block.contains(text))
                .toList();
        assertEquals(1, found.size(), text);
        return found.get(0);
    }

    /** Returns the class name of the only Java block that contains the given text. */
    static String programWith(Path page, String text) {
        return title(page) + blocks(page, "java").indexOf(blockWith(page, "java", text));
    }

    private static String title(Path page) {
        return page.getFileName().toString().replaceAll("\\.md$|\\W", "");
    }

    /** Writes each Java block of a page to a file of its own, and returns the files. */
    static List<Path> write(Path page, Path folder, UnaryOperator<String> change) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String block : blocks(page, "java")) {
            Matcher declared = PUBLIC_CLASS.matcher(block);
            String name = title(page) + files.size();
            String source = block;
            if (declared.find()) {
                name = declared.group(1);
            } else {
                source = "public final class " + name
                        + " {\n    public static void main(String[] args) throws Exception {\n" + block + "    }\n}\n";
            }
            String imports =
                    block.contains("import ") ? "" : imports(title(page).equals("metrics"));
            files.add(Files.writeString(folder.resolve(name + ".java"), change.apply(imports + source)));
        }
        return files;
    }

    private static String imports(boolean metrics) throws IOException {
        List<String> packages = new ArrayList<>(List.of(
                "java.io",
                "java.net",
                "java.nio",
                "java.nio.channels",
                "java.nio.charset",
                "java.nio.file",
                "java.security",
                "java.time",
                "java.util",
                "java.util.concurrent",
                "java.util.concurrent.atomic",
                "java.util.concurrent.locks",
                "javax.net.ssl"));
        List<String> modules = new ArrayList<>(List.of("api", "tcp", "udp", "unix", "mixins", "proxy", "tls"));
        if (metrics) {
            modules.add("micrometer");
            packages.addAll(List.of(
                    "io.micrometer.core.instrument",
                    "io.micrometer.prometheusmetrics",
                    "io.opentelemetry.api",
                    "io.opentelemetry.api.trace",
                    "io.opentelemetry.context"));
        }
        for (String module : modules) {
            EXPORT.matcher(Files.readString(ROOT.resolve(module + "/src/main/java/module-info.java")))
                    .results()
                    .forEach(found -> packages.add(found.group(1)));
        }
        return packages.stream()
                .map(name -> "import " + name + ".*;\n")
                .collect(Collectors.joining("", "", "import static org.junit.jupiter.api.Assertions.*;\n"));
    }

    /** Applies a diff without line numbers. Hunks are separated by blank lines, and each must match. */
    static String patched(String source, String diff) {
        String result = source;
        for (String hunk : diff.split("\n\n")) {
            String before = side(hunk, '-');
            assertFalse(before.isEmpty(), hunk);
            assertTrue(result.contains(before), () -> "not in the source: " + before);
            result = result.replace(before, side(hunk, '+'));
        }
        return result;
    }

    private static String side(String hunk, char sign) {
        return hunk.lines()
                .filter(line -> line.charAt(0) == sign || line.charAt(0) == ' ')
                .map(line -> line.substring(1) + "\n")
                .collect(Collectors.joining());
    }

    /** Compiles files and allows no warnings. */
    static void compile(List<Path> files, Path folder) {
        List<String> arguments =
                new ArrayList<>(List.of("-Xlint:all", "-Werror", "-cp", CLASS_PATH, "-d", folder.toString()));
        files.forEach(file -> arguments.add(file.toString()));
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int status = ToolProvider.getSystemJavaCompiler().run(null, null, errors, arguments.toArray(String[]::new));
        assertEquals(0, status, () -> errors.toString(StandardCharsets.UTF_8));
    }

    /** Returns a process builder that runs a program compiled to a folder. */
    static ProcessBuilder java(Path folder, String program) {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        folder + File.pathSeparator + CLASS_PATH,
                        program)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
    }
}
