package org.socketserver.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The scenarios, in the order in which they run. */
final class Scenarios {
    /** The scenario whose results determine the rates of open loops. */
    static final String CAPACITY = "echo64-64";

    private static final List<String> NETTY =
            List.of("netty-nio-1", "netty-nio", "netty-epoll-1", "netty-epoll", "netty-io_uring-1", "netty-io_uring");

    private static final List<String> STREAM = join(
            List.of("ours-virtual", "ours-platform", "bare-virtual", "bare-virtual-plain", "bare-platform"),
            NETTY,
            List.of("python-threading", "go", "c-epoll"));

    private static final List<String> ONE_BY_ONE = List.of("ours-sync", "python-sync");

    private static final List<String> OPEN =
            join(List.of("ours-virtual", "bare-virtual"), NETTY, List.of("python-threading", "go", "c-epoll"));

    private static final List<String> UDP = join(
            List.of("ours-sync", "ours-virtual", "bare-sync", "bare-virtual"),
            NETTY,
            List.of("python-sync", "python-threading", "go"));

    private static final List<String> UNIX_DATAGRAM = List.of(
            "ours-sync",
            "ours-virtual",
            "junixsocket",
            "netty-epoll-1",
            "netty-epoll",
            "python-sync",
            "python-threading");

    private static final List<String> FORKING =
            List.of("ours-forking", "ours-forking-compiled", "python-forking", "ours-virtual");

    private static final List<String> IDLE = List.of(
            "ours-virtual", "bare-virtual", "netty-nio-1", "netty-epoll-1", "netty-io_uring-1", "go", "c-epoll");

    private static final List<String> TLS =
            List.of("ours-virtual", "ours-platform", "netty-nio-1", "netty-epoll-1", "python-threading");

    private static final List<String> LIFE = List.of(
            "ours-virtual",
            "ours-platform",
            "bare-virtual",
            "bare-platform",
            "netty-nio-1",
            "netty-epoll-1",
            "netty-io_uring-1",
            "python-threading",
            "go",
            "c-epoll");

    private static final Set<String> QUICK_CONTENDERS = Set.of(
            "ours-virtual",
            "ours-sync",
            "ours-forking",
            "bare-virtual",
            "bare-sync",
            "junixsocket",
            "netty-epoll-1",
            "netty-io_uring-1",
            "python-sync",
            "python-threading",
            "c-epoll");

    private static final Set<String> QUICK = Set.of(
            "echo64-64", "echo64-1000", "connect", "open-50", "udp64", "unix64-64", "unixdgram64-8", "start", "stop");

    private static final List<Scenario> ALL = List.of(
            echo("echo64-64", "TCP echo of 64 bytes, 64 connections", Transport.TCP, 64, 64, STREAM),
            echo("echo64-1000", "TCP echo of 64 bytes, 1,000 connections", Transport.TCP, 1000, 64, STREAM),
            echo("echo16k-64", "TCP echo of 16 KB, 64 connections", Transport.TCP, 64, 16_384, STREAM),
            echo("pingpong", "TCP echo of 64 bytes, one connection", Transport.TCP, 1, 64, join(STREAM, ONE_BY_ONE)),
            echo(
                            "pipelined",
                            "TCP echo of 64 bytes, 64 connections, 16 outstanding requests on each",
                            Transport.TCP,
                            64,
                            64,
                            STREAM)
                    .pipelined(16),
            Scenario.of(
                    "connect",
                    "a new TCP connection for each line of 64 bytes, 64 at once",
                    Transport.TCP,
                    Mode.CONNECT,
                    64,
                    64,
                    join(STREAM, ONE_BY_ONE)),
            open(25),
            open(50),
            open(75),
            open(90),
            echo("udp64", "UDP echo of 64 bytes, 64 sockets", Transport.UDP, 64, 64, UDP),
            echo("udp1400", "UDP echo of 1,400 bytes, 64 sockets", Transport.UDP, 64, 1400, UDP),
            echo("unix64-64", "Unix stream echo of 64 bytes, 64 connections", Transport.UNIX, 64, 64, STREAM),
            echo(
                    "unixdgram64-8",
                    "Unix datagram echo of 64 bytes, 8 sockets",
                    Transport.UNIX_DATAGRAM,
                    8,
                    64,
                    UNIX_DATAGRAM),
            Scenario.of(
                            "forking-short",
                            "a new TCP connection for each line of 64 bytes, 16 at once, all cores",
                            Transport.TCP,
                            Mode.CONNECT,
                            16,
                            64,
                            FORKING)
                    .unpinned(),
            echo("forking-long", "TCP echo of 64 bytes, 16 connections, all cores", Transport.TCP, 16, 64, FORKING)
                    .unpinned(),
            Scenario.of("idle-15000", "15,000 idle TCP connections", Transport.TCP, Mode.IDLE, 15_000, 64, IDLE),
            echo("tls64-64", "TLS echo of 64 bytes, 64 connections", Transport.TLS, 64, 64, TLS),
            echo("tls16k-64", "TLS echo of 16 KB, 64 connections", Transport.TLS, 64, 16_384, TLS),
            Scenario.of(
                    "tls-connect",
                    "a new TLS connection with a full handshake for each line of 64 bytes, 64 at once",
                    Transport.TLS,
                    Mode.CONNECT,
                    64,
                    64,
                    TLS),
            Scenario.of(
                    "tls-resume",
                    "a new TLS connection with a resumed session for each line of 64 bytes, 64 at once",
                    Transport.TLS,
                    Mode.RESUME,
                    64,
                    64,
                    TLS),
            Scenario.of(
                    "tls-idle-2000",
                    "2,000 idle TLS connections after an answer of 64 bytes each, memory after a garbage collection",
                    Transport.TLS,
                    Mode.IDLE,
                    2000,
                    64,
                    TLS),
            Scenario.of("start", "start of the process to its first answer", Transport.TCP, Mode.START, 1, 64, LIFE),
            Scenario.of(
                    "stop",
                    "SIGTERM to the end of the process, 1,000 TCP connections open",
                    Transport.TCP,
                    Mode.STOP,
                    1000,
                    64,
                    LIFE));

    private Scenarios() {}

    static List<Scenario> all() {
        return ALL;
    }

    static Optional<Scenario> named(String name) {
        return ALL.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    /** Returns the scenarios of a quick run, which takes a few minutes. */
    static List<Scenario> quick() {
        return ALL.stream()
                .filter(each -> QUICK.contains(each.name()))
                .map(each -> each.with(each.contenders().stream()
                        .filter(QUICK_CONTENDERS::contains)
                        .toList()))
                .toList();
    }

    private static Scenario echo(
            String name, String about, Transport transport, int connections, int bytes, List<String> contenders) {
        return Scenario.of(name, about, transport, Mode.CLOSED, connections, bytes, contenders);
    }

    private static Scenario open(int share) {
        String about = "TCP echo of 64 bytes, 64 connections, at " + share + " % of the best contender's capacity";
        return Scenario.of("open-" + share, about, Transport.TCP, Mode.OPEN, 64, 64, OPEN)
                .at(share);
    }

    @SafeVarargs
    private static List<String> join(List<String>... parts) {
        List<String> all = new ArrayList<>();
        for (List<String> part : parts) {
            all.addAll(part);
        }
        return List.copyOf(all);
    }
}
