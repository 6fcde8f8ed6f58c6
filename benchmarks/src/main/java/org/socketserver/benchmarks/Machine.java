package org.socketserver.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/** Describes the machine and the versions of the software. */
final class Machine {
    private Machine() {}

    /** Returns the facts by name, in the order of the report. */
    static Map<String, String> describe(Path root, Toolbox tools, Cores cores) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("commit", commit(root));
        facts.put("processor", processor());
        facts.put("cores", cores());
        facts.put("pinning", "server on core " + cores.server() + ", load on core " + cores.load());
        facts.put("memory", memory());
        facts.put("kernel", firstLine("uname", "-srvm"));
        facts.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
        Attributes manifest = manifest();
        facts.put("Netty", String.valueOf(manifest.getValue("Netty-Version")));
        facts.put("junixsocket", String.valueOf(manifest.getValue("Junixsocket-Version")));
        facts.put("Python", tools.missingPython().isEmpty() ? firstLine(tools.python(), "--version") : "none");
        facts.put("C compiler", firstLine("cc", "--version"));
        facts.put("Go", tools.missingGo().isEmpty() ? firstLine("go", "version") : "none");
        facts.put("open files", limit());
        return facts;
    }

    /**
     * Returns how many files a process may open.
     *
     * @throws IOException if {@code /proc} does not contain the limit
     */
    static long openFiles() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith("Max open files")) {
                String hard = line.strip().split("\\s+")[4];
                return hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard);
            }
        }
        throw new IOException("no limit of open files in /proc/self/limits");
    }

    private static String limit() {
        try {
            return Long.toString(openFiles());
        } catch (IOException unknown) {
            return "unknown";
        }
    }

    private static String commit(Path root) {
        try {
            String commit = Command.output("git", "-C", root.toString(), "rev-parse", "--short=12", "HEAD");
            String changes = Command.output("git", "-C", root.toString(), "status", "--porcelain");
            return changes.isEmpty() ? commit : commit + " with changes";
        } catch (IOException noRepository) {
            return "unknown";
        }
    }

    private static String processor() {
        return field("/proc/cpuinfo", "model name");
    }

    private static String cores() {
        return field("/proc/self/status", "Cpus_allowed_list");
    }

    private static String memory() {
        return field("/proc/meminfo", "MemTotal");
    }

    private static String field(String file, String name) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException absent) {
            return "unknown";
        }
    }

    private static String firstLine(String... command) {
        try {
            return Command.output(command).lines().findFirst().orElse("unknown");
        } catch (IOException absent) {
            return "none";
        }
    }

    /** Returns the manifest of this program's jar; empty if it does not run from a jar. */
    private static Attributes manifest() {
        Path place = Path.of(Machine.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        if (!Files.isRegularFile(place)) {
            return new Attributes();
        }
        try (JarFile jar = new JarFile(place.toFile())) {
            return jar.getManifest().getMainAttributes();
        } catch (IOException unreadable) {
            return new Attributes();
        }
    }
}
