package org.socketserver.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The tools that are not Java: C programs, compiled if necessary, and Python and Go, if they are installed. */
final class Toolbox {
    private final Path sources;
    private final Path tools;
    private final String python;
    private final String missingGo;
    private final boolean withTls;

    private Toolbox(Path sources, Path tools, String python, String missingGo, boolean withTls) {
        this.sources = sources;
        this.tools = tools;
        this.python = python;
        this.missingGo = missingGo;
        this.withTls = withTls;
    }

    /**
     * Finds the tools and compiles the programs that are out of date.
     *
     * @param root folder of the project
     * @throws IOException if there is no C compiler or no taskset; nothing can be measured without them
     */
    static Toolbox prepare(Path root) throws IOException {
        Path module = root.resolve("benchmarks");
        Path sources = module.resolve("src/main");
        Path tools = Files.createDirectories(module.resolve("target/tools"));
        if (!Command.works("cc", "--version")) {
            throw new IOException(
                    "no C compiler (cc) for the load generator; on Debian: apt-get install gcc libc6-dev");
        }
        if (!Command.works("taskset", "--version")) {
            throw new IOException("no taskset, which pins processes to cores; it is part of util-linux");
        }
        boolean withTls = Command.works("cc", "-include", "openssl/ssl.h", "-fsyntax-only", "-x", "c", "/dev/null");
        if (withTls) {
            compile(sources.resolve("c/load"), tools.resolve("load_tls"), "-DWITH_TLS", "-lssl", "-lcrypto");
            CertificateFile.create(tools.resolve("certificate.pem"));
        } else {
            compile(sources.resolve("c/load"), tools.resolve("load"));
        }
        compile(sources.resolve("c/epoll_echo"), tools.resolve("epoll_echo"));
        // The executable itself: a launcher script would add to the start time.
        String python = Command.works("python3", "--version")
                ? Command.output("python3", "-c", "import sys; print(sys.executable)")
                : "";
        return new Toolbox(sources, tools, python, prepareGo(sources, tools), withTls);
    }

    /** Compiles the C sources of a folder to a program, if a file is newer than the program. */
    private static void compile(Path folder, Path target, String... options) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.sorted().toList();
        }
        boolean due = false;
        List<String> command = new ArrayList<>(List.of("cc", "-O2", "-Wall", "-Wextra", "-o", target.toString()));
        for (Path file : files) {
            due |= due(file, target);
            if (file.toString().endsWith(".c")) {
                command.add(file.toString());
            }
        }
        command.addAll(List.of(options));
        if (due) {
            Command.output(command.toArray(String[]::new));
        }
    }

    private static String prepareGo(Path sources, Path tools) {
        if (!Command.works("go", "version")) {
            return "go is not installed";
        }
        Path source = sources.resolve("go/main.go");
        Path target = tools.resolve("go_echo");
        try {
            if (due(source, target)) {
                Command.output("go", "build", "-o", target.toString(), source.toString());
            }
            return "";
        } catch (IOException failed) {
            return "go build failed: " + failed.getMessage();
        }
    }

    private static boolean due(Path source, Path target) throws IOException {
        return !Files.exists(target)
                || Files.getLastModifiedTime(target).compareTo(Files.getLastModifiedTime(source)) < 0;
    }

    String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    String generator() {
        return tools.resolve(withTls ? "load_tls" : "load").toString();
    }

    String missingTls() {
        return withTls ? "" : "no OpenSSL headers for the load generator; on Debian: apt-get install libssl-dev";
    }

    /** Returns the file with the key and the certificate of the servers. */
    Path certificate() {
        return tools.resolve("certificate.pem");
    }

    /** Returns the tool of the JDK that sends commands to a JVM. */
    String jcmd() {
        return Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    }

    String epollServer() {
        return tools.resolve("epoll_echo").toString();
    }

    String goServer() {
        return tools.resolve("go_echo").toString();
    }

    String missingGo() {
        return missingGo;
    }

    String python() {
        return python;
    }

    String missingPython() {
        return python.isEmpty() ? "python3 is not installed" : "";
    }

    String pythonSource() {
        return sources.resolve("python/contender.py").toString();
    }
}
