package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java snippets of the user documentation compile, and its links have targets. */
class DocsTest {
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]*)(?:#([^)]*))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    @Test
    void everyJavaSnippetCompiles(@TempDir Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path page : Snippets.pages()) {
            files.addAll(Snippets.write(page, folder, UnaryOperator.identity()));
        }
        assertEquals(files.size(), Set.copyOf(files).size(), () -> "two snippets declare the same class: " + files);
        assertTrue(files.size() > 10, () -> "the snippets were not found: " + files);
        Snippets.compile(files, folder);
    }

    @Test
    void everyLinkLeadsToAFileAndAHeading() throws IOException {
        List<String> broken = new ArrayList<>();
        List<Path> pages = new ArrayList<>(Snippets.pages());
        pages.add(Snippets.ROOT.resolve("CONTRIBUTING.md"));
        for (Path page : pages) {
            LINK.matcher(Files.readString(page)).results().forEach(link -> {
                Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
                if (!Files.exists(target)
                        || link.group(2) != null && !anchors(target).contains(link.group(2))) {
                    broken.add(page + ": " + link.group());
                }
            });
        }
        assertEquals(List.of(), broken);
    }

    /** Returns the anchors of a page's headings, as GitHub generates them. */
    private static Set<String> anchors(Path page) {
        try {
            return HEADING.matcher(Files.readString(page))
                    .results()
                    .map(heading -> heading.group(1)
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^\\w -]", "")
                            .replace(' ', '-'))
                    .collect(Collectors.toSet());
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void theReadmeIsShort() throws IOException {
        assertTrue(Files.size(Snippets.README) <= 8_000, "README.md has more than 8,000 bytes");
    }
}
