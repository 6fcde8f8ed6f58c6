package org.socketserver.examples.tour;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.MixIn;
import org.socketserver.examples.clients.Client;
import org.socketserver.examples.clients.Deadline;
import org.socketserver.examples.handlers.BuiltIn;
import org.socketserver.examples.servers.Concurrency;
import org.socketserver.examples.servers.Transport;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.ThreadingMixIn;

/** Visits servers, one after another: starts each, talks to it, stops it, and counts those that did not do well. */
final class Visits {
    static final int CROWD = 4;
    static final int PAUSE = 50;
    static final int ASKERS = 3;

    private static final int ROUND_TRIPS = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final PrintStream out;
    private final Path folder;
    private int servers;
    private int failures;

    Visits(PrintStream out, Path folder) {
        this.out = out;
        this.folder = folder;
    }

    int failures() {
        return failures;
    }

    String summary() {
        return failures == 0
                ? servers + " servers, all answered and are stopped."
                : failures + " of " + servers + " servers FAILED.";
    }

    /** Asks an upper-casing server a few things. */
    void conversation(Transport transport, Concurrency concurrency) {
        visit(transport, concurrency, BuiltIn.UPPER, server -> {
            String address = AddressText.of(server.address());
            out.printf("%n%-14s%-11s%s%n", transport.word(), concurrency.word(), address);
            long began = System.nanoTime();
            try (Client client = Client.connect(transport, address);
                    var deadline = new Deadline(client, PATIENCE)) {
                String hello = client.ask("hello");
                say("hello", hello, System.nanoTime() - began, "with connecting");
                began = System.nanoTime();
                say("and again", client.ask("and again"), System.nanoTime() - began, "");
                long median = medianRoundTrip(client);
                say(ROUND_TRIPS + " lines", ROUND_TRIPS + " answers", median, "each, the median");
                if (!hello.equals("HELLO") || deadline.isExpired()) {
                    throw new IOException("the answer to hello was " + hello);
                }
            }
        });
    }

    /** Lets several clients at once ask a server that takes its time, under each mix-in, once it has what it needs for that. */
    void crowd(Transport transport) {
        out.printf("    %-14s", transport.word());
        for (Concurrency concurrency : Concurrency.values()) {
            visit(transport, concurrency, BuiltIn.SLEEP, server -> {
                var crowd = new Crowd(CROWD, transport, AddressText.of(server.address()), PATIENCE);
                crowd.ask(Integer.toString(PAUSE));
                long nanos = crowd.ask(Integer.toString(PAUSE));
                out.printf(Locale.ROOT, "  %s %5.1f ms", concurrency.word(), nanos / 1e6);
            });
        }
        out.println();
    }

    /** Has several clients ask for the process that answers: the server's own on threads, and else a fresh one for each. */
    void processes(Transport transport) {
        out.printf("    %-14s", transport.word());
        processes(transport, Concurrency.THREADING, new ThreadingMixIn(), 1);
        processes(transport, Concurrency.FORKING, new ForkingMixIn().requestsPerChild(1), ASKERS);
        out.println();
    }

    private void processes(Transport transport, Concurrency concurrency, MixIn mixIn, int expected) {
        visit(transport, concurrency, mixIn, BuiltIn.PID, server -> {
            Set<String> pids = new HashSet<>();
            out.print("  " + concurrency.word());
            for (int asker = 0; asker < ASKERS; asker++) {
                try (Client client = Client.connect(transport, AddressText.of(server.address()));
                        var deadline = new Deadline(client, PATIENCE)) {
                    String pid = client.ask("who?");
                    if (deadline.isExpired()) {
                        throw new IOException("no answer in " + PATIENCE.toMillis() + " ms");
                    }
                    out.print(" " + pid);
                    pids.add(pid);
                }
            }
            if (pids.size() != expected) {
                throw new IOException("expected " + expected + " processes, not " + pids.size());
            }
        });
    }

    private void visit(Transport transport, Concurrency concurrency, BuiltIn handler, Conversation conversation) {
        visit(transport, concurrency, concurrency.mixIn(), handler, conversation);
    }

    private void visit(
            Transport transport, Concurrency concurrency, MixIn mixIn, BuiltIn handler, Conversation conversation) {
        servers++;
        try (BaseServer<?> server = transport.server(
                address(transport), handler.handlerClass(transport.isStream()), ServerOptions.DEFAULTS)) {
            server.mixIn(mixIn);
            server.start();
            conversation.with(server);
        } catch (IOException | InterruptedException | RuntimeException failure) {
            failures++;
            out.printf("%n%s %s FAILED: %s%n", transport.word(), concurrency.word(), failure);
        }
    }

    private String address(Transport transport) {
        return transport.isUnix() ? folder.resolve(servers + ".sock").toString() : "127.0.0.1:0";
    }

    private void say(String sent, String answer, long nanos, String remark) {
        String line = String.format(Locale.ROOT, "    > %-12s < %-14s %8.3f ms  %s", sent, answer, nanos / 1e6, remark);
        out.println(line.stripTrailing());
    }

    private static long medianRoundTrip(Client client) throws IOException {
        long[] times = new long[ROUND_TRIPS];
        for (int index = 0; index < times.length; index++) {
            long began = System.nanoTime();
            String answer = client.ask("line " + index);
            times[index] = System.nanoTime() - began;
            if (!answer.equals("LINE " + index)) {
                throw new IOException("the answer to line " + index + " was " + answer);
            }
        }
        Arrays.sort(times);
        return times[times.length / 2];
    }

    /** What is said to one server. */
    private interface Conversation {
        void with(BaseServer<?> server) throws IOException, InterruptedException;
    }
}
