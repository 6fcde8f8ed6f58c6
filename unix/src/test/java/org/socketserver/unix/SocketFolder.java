package org.socketserver.unix;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A fresh folder for each test, with a path short enough for the 107 bytes of a socket address. */
final class SocketFolder implements BeforeEachCallback, AfterEachCallback {
    private Path folder = Path.of("");

    Path path(String name) {
        return folder.resolve(name);
    }

    Path path() {
        return folder;
    }

    /** All that is in the folder. */
    List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        }
        names.sort(null);
        return names;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        folder = Files.createTempDirectory("ss");
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        for (String name : names()) {
            Files.delete(folder.resolve(name));
        }
        Files.delete(folder);
    }
}
