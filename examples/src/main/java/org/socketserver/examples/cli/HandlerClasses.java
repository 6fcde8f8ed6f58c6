package org.socketserver.examples.cli;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.RequestHandler;

/** Finds the handler class for an argument of the command line. */
final class HandlerClasses {
    private HandlerClasses() {}

    /**
     * Returns the handler class of a {@link BuiltIn}, or the class with a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Class<? extends RequestHandler<?>> find(String name, @Nullable String classPath) throws IOException {
        int builtIn = TextValues.words(BuiltIn.values()).indexOf(name);
        if (builtIn >= 0) {
            return BuiltIn.values()[builtIn].handlerClass();
        }
        Class<?> type = load(name, classPath);
        if (!RequestHandler.class.isAssignableFrom(type)) {
            throw new IllegalArgumentException("the class " + type.getName() + " does not implement RequestHandler");
        }
        return handler(type);
    }

    private static Class<?> load(String name, @Nullable String classPath) throws IOException {
        List<URL> places = new ArrayList<>();
        for (String place : classPath == null ? new String[0] : classPath.split(File.pathSeparator)) {
            if (!Files.exists(Path.of(place))) {
                throw new IllegalArgumentException(place + " in --class-path does not exist");
            }
            places.add(Path.of(place).toUri().toURL());
        }
        try {
            ClassLoader own = HandlerClasses.class.getClassLoader();
            return Class.forName(name, false, new URLClassLoader(places.toArray(URL[]::new), own));
        } catch (ClassNotFoundException none) {
            throw new IllegalArgumentException("unknown handler " + name + ": not one of "
                    + String.join(", ", TextValues.words(BuiltIn.values())) + ", and not a class"
                    + (classPath == null ? "; is --class-path missing?" : " in " + classPath));
        } catch (LinkageError broken) {
            throw new IllegalArgumentException("the handler class " + name + " cannot be loaded: " + broken);
        }
    }

    @SuppressWarnings("unchecked")
    private static Class<? extends RequestHandler<?>> handler(Class<?> type) {
        return (Class<? extends RequestHandler<?>>) type;
    }
}
