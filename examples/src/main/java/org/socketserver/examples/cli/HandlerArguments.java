package org.socketserver.examples.cli;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.socketserver.examples.handlers.BuiltIn;
import org.socketserver.examples.servers.Transport;
import picocli.CommandLine.Option;

/** The options that say which handler answers. */
final class HandlerArguments {
    @Option(
            names = "--handler",
            paramLabel = "NAME|CLASS",
            defaultValue = "echo",
            completionCandidates = Choice.OfHandler.class,
            description = {
                "What answers requests: a class, found with --class-path, or one of",
                "  echo   bytes back until the end",
                "  line   one line back, then done",
                "  upper  every line back in capitals",
                "  pid    every line answered with the process id",
                "  sleep  every line is a number of ms: waits, then answers with it",
                "  fail   reads one line, throws",
                "A packet counts as its lines. Default: ${DEFAULT-VALUE}"
            })
    @SuppressWarnings("NullAway.Init")
    private String handler;

    @Option(
            names = "--class-path",
            paramLabel = "PATH",
            description = "Folders and jars with handler classes, separated as for java -cp. Default: none")
    private @Nullable String classPath;

    /**
     * Finds the class and checks that it fits the transport.
     *
     * @throws IllegalArgumentException if there is none, or it doesn't; the message says why
     */
    Class<?> handlerClass(Transport transport) {
        Optional<BuiltIn> builtIn = BuiltIn.of(handler);
        if (builtIn.isPresent()) {
            return builtIn.get().handlerClass(transport.isStream());
        }
        Class<?> type = load();
        Class<?> handled = HandledRequest.of(type)
                .orElseThrow(() -> new IllegalArgumentException(
                        "the class " + type.getName() + " does not implement RequestHandler"));
        if (!handled.isAssignableFrom(transport.requestType())) {
            throw new IllegalArgumentException("the handler " + type.getName() + " handles a "
                    + handled.getSimpleName() + ", but " + transport.word() + " brings a "
                    + transport.requestType().getSimpleName());
        }
        return type;
    }

    private Class<?> load() {
        try {
            return Class.forName(handler, false, loader());
        } catch (ClassNotFoundException none) {
            throw new IllegalArgumentException("there is no handler " + handler + ": it is none of " + BuiltIn.names()
                    + ", and no class" + (classPath == null ? "; is --class-path missing?" : " in " + classPath));
        } catch (LinkageError broken) {
            throw new IllegalArgumentException("the handler class " + handler + " can't be loaded: " + broken);
        }
    }

    private ClassLoader loader() {
        ClassLoader own = HandlerArguments.class.getClassLoader();
        if (classPath == null) {
            return own;
        }
        List<URL> places = new ArrayList<>();
        for (String place : classPath.split(File.pathSeparator)) {
            Path path = Path.of(place);
            if (!Files.exists(path)) {
                throw new IllegalArgumentException("there is no " + place + ", which --class-path names");
            }
            try {
                places.add(path.toUri().toURL());
            } catch (MalformedURLException never) {
                throw new IllegalArgumentException(place + " is no place for classes", never);
            }
        }
        return new URLClassLoader(places.toArray(URL[]::new), own);
    }
}
