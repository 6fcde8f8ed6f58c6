package org.socketserver.mixins.forking.parent;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.socketserver.mixins.forking.worker.WorkerMain;

/**
 * The command line of a worker: the same Java, class path and module path as this process, its options that decide what
 * code may do, defaults for a small process that starts fast, and then the options of the user, which win.
 */
final class WorkerCommand {
    /** After an OutOfMemoryError nothing is certain. */
    private static final String DEFAULT = "-XX:+ExitOnOutOfMemoryError";

    /** Takes the least memory and threads; not beside another collector, with which no JVM would start. */
    private static final String COLLECTOR = "-XX:+UseSerialGC";

    private static final Pattern COLLECTORS = Pattern.compile("-XX:\\+Use\\w+GC\\b");

    /**
     * Uses the same memory again as soon as that much was used; not beside a heap of the user's, which may be smaller.
     */
    private static final String YOUNG = "-XX:MaxNewSize=16m";

    private static final Pattern HEAPS = Pattern.compile("-Xm[xn]|-XX:Max(Heap|New)Size=|-XX:NewSize=");

    /** Where a JVM finds options besides. */
    private static final List<String> VARIABLES = List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS");

    /** Compiles each method once and fast: each worker does so for itself, and all at once when a server begins. */
    private static final String COMPILER = "-XX:TieredStopAtLevel=1";

    /** Options of this process that hold for workers too. */
    private static final List<String> INHERITED = List.of(
            "-D",
            "-ea",
            "-da",
            "-esa",
            "-dsa",
            "-enableassertions",
            "-disableassertions",
            "-Xbootclasspath/a:",
            "--add-exports",
            "--add-modules",
            "--add-opens",
            "--add-reads",
            "--enable-native-access",
            "--enable-preview",
            "--illegal-native-access",
            "--limit-modules",
            "--patch-module",
            "--sun-misc-unsafe-memory-access");

    /** From here on native libraries are announced, or there is a warning. */
    private static final int ANNOUNCES_NATIVE_ACCESS = 22;

    /**
     * Not for workers: the port that the first opens is taken, by this process; what the second is for only this
     * process does, and it makes a JVM start slower.
     */
    private static final List<String> NOT_INHERITED =
            List.of("-Dcom.sun.management.", "--add-opens=java.base/sun.nio.ch=");

    /** The last words of the command that may be seen: what is run, and for which server. */
    static final int VISIBLE = WorkerMain.class.getModule().isNamed() ? 3 : 2;

    private WorkerCommand() {}

    /**
     * Makes the command.
     *
     * @param serverName for whoever lists processes
     * @param nativeCode true if the worker will load a native library
     * @param workerOptions the user's options
     */
    static List<String> of(String serverName, boolean nativeCode, List<String> workerOptions) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (isInherited(option)) {
                command.add(option);
            }
        }
        command.addAll(defaults(workerOptions, System.getenv()));
        Module module = WorkerMain.class.getModule();
        if (nativeCode && Runtime.version().feature() >= ANNOUNCES_NATIVE_ACCESS) {
            command.add("--enable-native-access=" + (module.isNamed() ? "org.newsclub.net.unix" : "ALL-UNNAMED"));
        }
        command.addAll(workerOptions);
        addPath(command, "-cp", "java.class.path");
        if (module.isNamed()) {
            addPath(command, "-p", "jdk.module.path");
            command.add("--add-modules");
            command.add(applicationModules());
            command.add("-m");
            command.add(module.getName() + '/' + WorkerMain.class.getName());
        } else {
            command.add(WorkerMain.class.getName());
        }
        command.add(serverName);
        return command;
    }

    /** What the user has not decided, here or for all JVMs of this environment, which is the worker's too. */
    static List<String> defaults(List<String> workerOptions, Map<String, String> environment) {
        StringBuilder decided = new StringBuilder(String.join(" ", workerOptions));
        for (String variable : VARIABLES) {
            decided.append(' ').append(environment.getOrDefault(variable, ""));
        }
        List<String> defaults = new ArrayList<>(List.of(DEFAULT, COMPILER));
        if (!COLLECTORS.matcher(decided).find()) {
            defaults.add(COLLECTOR);
        }
        if (!HEAPS.matcher(decided).find()) {
            defaults.add(YOUNG);
        }
        return defaults;
    }

    static boolean isInherited(String option) {
        return INHERITED.stream().anyMatch(option::startsWith)
                && NOT_INHERITED.stream().noneMatch(option::startsWith);
    }

    private static void addPath(List<String> command, String option, String property) {
        String path = System.getProperty(property, "");
        if (!path.isEmpty()) {
            command.add(option);
            command.add(path);
        }
    }

    /**
     * All modules of this process that are not of the JDK: the handler's is among them, and nothing else would resolve
     * it. And the one that lets a worker leave signals to its parent.
     */
    private static String applicationModules() {
        Stream<String> own = ModuleLayer.boot().modules().stream()
                .map(Module::getName)
                .filter(name -> !name.startsWith("java.") && !name.startsWith("jdk."));
        Stream<String> signals = ModuleFinder.ofSystem().find("jdk.unsupported").stream()
                .map(module -> module.descriptor().name());
        return Stream.concat(own, signals).collect(Collectors.joining(","));
    }

    /**
     * Hides the options of a command from anyone who lists processes: writes them to a file, which the java launcher
     * reads (its {@code @argfiles}). Only the program and the words that may be seen stay in the command.
     *
     * @return the command with the file in the place of the options
     */
    static List<String> hideOptions(List<String> command, Path file) throws IOException {
        int end = command.size() - VISIBLE;
        Files.writeString(
                file,
                command.subList(1, end).stream().map(WorkerCommand::quoted).collect(Collectors.joining("\n")));
        List<String> shown = new ArrayList<>(List.of(command.get(0), "@" + file));
        shown.addAll(command.subList(end, command.size()));
        return shown;
    }

    /** Quotes an option. Inside of quotes only the backslash, the quote and ends of lines have another meaning. */
    private static String quoted(String option) {
        return '"'
                + option.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                + '"';
    }
}
