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
 * The command line of a worker: the same Java, class path and module path as this process, the options of this process
 * that decide what code may do, defaults for a small process that starts fast, and last the options of the user.
 */
final class WorkerCommand {
    /** After an OutOfMemoryError the state of a JVM is uncertain. */
    private static final String DEFAULT = "-XX:+ExitOnOutOfMemoryError";

    /** Needs the least memory and threads. Left out if the user chooses a collector: with two, no JVM starts. */
    private static final String COLLECTOR = "-XX:+UseSerialGC";

    private static final Pattern COLLECTORS = Pattern.compile("-XX:\\+Use\\w+GC\\b");

    /**
     * Limits the memory of short-lived objects. Left out if the user sets the size of the heap, which may be smaller.
     */
    private static final String YOUNG = "-XX:MaxNewSize=16m";

    private static final Pattern HEAPS = Pattern.compile("-Xm[xn]|-XX:Max(Heap|New)Size=|-XX:NewSize=");

    /** Environment variables with more options. */
    private static final List<String> VARIABLES = List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS");

    /** Compiles fast: each worker compiles for itself, and all of them start with the server. */
    private static final String COMPILER = "-XX:TieredStopAtLevel=1";

    /** Options of this process that apply to workers too. */
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

    /** From this version on, java warns about native libraries that are not announced. */
    private static final int ANNOUNCES_NATIVE_ACCESS = 22;

    /**
     * Not for workers: this process already uses the port that the first one opens; only this process needs the second
     * one, which delays the start of a JVM.
     */
    private static final List<String> NOT_INHERITED =
            List.of("-Dcom.sun.management.", "--add-opens=java.base/sun.nio.ch=");

    /** How many words at the end of the command stay visible: what is run, and for which server. */
    static final int VISIBLE = WorkerMain.class.getModule().isNamed() ? 3 : 2;

    private WorkerCommand() {}

    /**
     * Returns the command.
     *
     * @param serverName shown in the process list
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

    /** Returns the defaults that neither the user nor the environment overrides. */
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
     * Returns all modules of this process that are not part of the JDK, because otherwise the handler's would not be
     * resolved, and the module that lets a worker ignore signals.
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
     * reads (its {@code @argfiles}). Only the program and the last words stay in the command.
     *
     * @return the command with the file instead of the options
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

    /** Quotes an option. Within quotes, only backslashes, quotes and line ends need to be escaped. */
    private static String quoted(String option) {
        return '"'
                + option.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                + '"';
    }
}
