package org.socketserver.api;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Loads the classes of the framework's packages at once where they are files of a folder, as while developing; a jar stays
 * open, so that its classes can be loaded without a descriptor. Used under the lock of {@link StartUp}.
 */
final class FolderClasses {
    private static final String OURS = "org.socketserver.";
    private static final String SUFFIX = ".class";
    private static final Set<String> LOADED = new HashSet<>();

    private FolderClasses() {}

    /** Loads, without initialising them, all classes of the package that a class of the framework is in, and of those below it. */
    static void loadBeside(Class<?> type) throws IOException {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        String name = type.getPackageName();
        if (source == null || source.getLocation() == null || !name.startsWith(OURS)) {
            return;
        }
        Path folder;
        try {
            URI location = source.getLocation().toURI();
            if (!"file".equals(location.getScheme()) || !LOADED.add(location + " " + name)) {
                return;
            }
            folder = Path.of(location).resolve(name.replace('.', '/'));
        } catch (URISyntaxException | IllegalArgumentException noFile) {
            return;
        }
        if (Files.isDirectory(folder)) {
            for (String className : classNames(folder)) {
                load(name + '.' + className, type.getClassLoader());
            }
        }
    }

    private static List<String> classNames(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(file -> folder.relativize(file).toString().replace(File.separatorChar, '.'))
                    .filter(file -> file.endsWith(SUFFIX) && !file.contains("-info"))
                    .map(file -> file.substring(0, file.length() - SUFFIX.length()))
                    .toList();
        }
    }

    private static void load(String className, ClassLoader loader) {
        try {
            Class.forName(className, false, loader);
        } catch (ClassNotFoundException | LinkageError leftForLater) {
            // One that lacks something optional; it will say so when it is used.
        }
    }
}
