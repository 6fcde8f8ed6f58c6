package org.socketserver.benchmarks;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.internal.VirtualThreads;

/** All contenders and the commands that start them. */
final class Contenders {
    static final String OURS = "ours-";
    static final String BEFORE = "before-";
    /**
     * Keeps the heap as small as what it contains, so that resident memory shows it. Young objects are few; all are
     * moved to the old generation, which shrinks at a full collection.
     */
    private static final List<String> TIGHT_HEAP =
            List.of("-XX:+UseSerialGC", "-Xmn8m", "-XX:MinHeapFreeRatio=5", "-XX:MaxHeapFreeRatio=10");

    private static final String SERVERS = "org.socketserver.benchmarks.servers.";

    private final Toolbox tools;
    private final List<String> jvmOptions;
    private final List<Contender> all = new ArrayList<>();

    /**
     * Creates the list of contenders.
     *
     * @param before the checkout of another build of this project, whose jars the {@code before-} contenders run; null
     *     for none
     */
    Contenders(Toolbox tools, List<String> jvmOptions, @Nullable Path before) {
        this.tools = tools;
        this.jvmOptions = List.copyOf(jvmOptions);
        String threads = VirtualThreads.available()
                ? ""
                : "Java " + Runtime.version().feature() + " has no virtual threads; they need Java 21 or later";
        java("ours-virtual", "this project, ThreadingMixIn on virtual threads", threads, "OurServer", "virtual");
        java("ours-platform", "this project, ThreadingMixIn on platform threads", "", "OurServer", "platform");
        java("ours-sync", "this project without a mix-in, one request at a time", "", "OurServer", "sync");
        java("ours-forking", "this project, ForkingMixIn", "", "OurServer", "forking");
        java(
                "ours-forking-compiled",
                "the same, with workers that use only the optimizing compiler",
                "",
                "OurServer",
                "forking-compiled");
        if (before != null) {
            for (String kind : List.of("virtual", "platform", "sync", "forking")) {
                before(before.resolve("benchmarks/target"), kind, kind.equals("virtual") ? threads : "");
            }
        }
        java(
                "bare-virtual",
                "the JDK alone, structured like ours, with the same yield",
                threads,
                "BareLoop",
                "virtual");
        java("bare-virtual-plain", "the JDK alone, without the yield", threads, "BareLoop", "virtual-plain");
        java("bare-platform", "the JDK alone on platform threads", "", "BareLoop", "platform");
        java("bare-sync", "the JDK's DatagramChannel in a loop", "", "BareLoop", "sync");
        for (String io : List.of("nio", "epoll", "io_uring")) {
            String missing = missing(io);
            java("netty-" + io + "-1", "Netty, " + io + ", one event loop", missing, "NettyServer", io + "-1");
            java("netty-" + io, "Netty, " + io + ", event loops by default", missing, "NettyServer", io);
        }
        java("junixsocket", "junixsocket's datagram channel in a loop", "", "JunixServer", "sync");
        for (String mixin : List.of("sync", "threading", "forking")) {
            all.add(new Contender(
                    "python-" + mixin,
                    "CPython's socketserver, " + mixin,
                    tools.missingPython(),
                    (scenario, socket) -> command(
                            List.of(tools.python(), tools.pythonSource(), scenario.transport().word, mixin),
                            scenario,
                            socket)));
        }
        all.add(new Contender(
                "go",
                "Go's net package, one goroutine per connection",
                tools.missingGo(),
                (scenario, socket) -> command(List.of(tools.goServer(), scenario.transport().word), scenario, socket)));
        all.add(new Contender(
                "c-epoll",
                "C on epoll, one thread",
                "",
                (scenario, socket) ->
                        command(List.of(tools.epollServer(), scenario.transport().word), scenario, socket)));
    }

    List<Contender> all() {
        return List.copyOf(all);
    }

    Optional<Contender> named(String name) {
        return all.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    /** Returns why a contender cannot run in a scenario on this machine; empty if it can. */
    String missing(Scenario scenario, Contender one) {
        String tls = scenario.isEncrypted() ? tools.missingTls() : "";
        return one.isHere() ? tls : one.missing();
    }

    /** Adds a contender of another build. */
    private void before(Path target, String kind, String missing) {
        Path jar = target.resolve("benchmarks.jar");
        String classPath = jar + File.pathSeparator + target.resolve("lib") + File.separator + "*";
        String unbuilt = Files.exists(jar) ? "" : "no " + jar + "; run benchmarks/run --list there to build it";
        String why = missing.isEmpty() ? unbuilt : missing;
        java(BEFORE + kind, "the other build of this project, " + kind, why, "OurServer", kind, classPath);
    }

    private void java(String name, String about, String missing, String main, String kind) {
        java(name, about, missing, main, kind, System.getProperty("java.class.path"));
    }

    private void java(String name, String about, String missing, String main, String kind, String classPath) {
        all.add(new Contender(name, about, missing, (scenario, socket) -> {
            List<String> start = new ArrayList<>(List.of(tools.java()));
            if (Runtime.version().feature() >= 24) {
                start.add("--enable-native-access=ALL-UNNAMED");
            }
            // Lets ForkingMixIn hand connections to workers as file descriptors.
            start.add("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
            if (scenario.isEncrypted() && scenario.mode() == Mode.IDLE) {
                start.addAll(TIGHT_HEAP);
            }
            start.addAll(jvmOptions);
            start.addAll(List.of("-cp", classPath, SERVERS + main, kind));
            start.add(scenario.transport().word);
            return command(start, scenario, socket);
        }));
    }

    /** Appends the arguments that are the same for all servers. */
    private List<String> command(List<String> start, Scenario scenario, Path socket) {
        Path path = scenario.isEncrypted() ? tools.certificate() : socket;
        List<String> end = List.of(scenario.handler(), Integer.toString(scenario.buffer()), path.toString());
        return Stream.concat(start.stream(), end.stream()).toList();
    }

    private static String missing(String io) {
        return switch (io) {
            case "epoll" -> cause(Epoll.unavailabilityCause());
            case "io_uring" -> cause(IoUring.unavailabilityCause());
            default -> "";
        };
    }

    private static String cause(@Nullable Throwable why) {
        if (why == null) {
            return "";
        }
        Throwable first = why;
        for (Throwable next = first.getCause(); next != null; next = next.getCause()) {
            first = next;
        }
        return String.valueOf(first.getMessage());
    }
}
