package org.socketserver.examples.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.internal.AddressText;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.MixIn;
import org.socketserver.mixins.ForkingMixIn;
import org.socketserver.mixins.ThreadingMixIn;

/**
 * Starts a server on each transport with each mix-in, one after another, talks to each through a real socket, and
 * prints the conversation with its times.
 */
final class Tour {
    private static final int CROWD = 4;
    private static final String PAUSE = "50";
    private static final int ASKERS = 3;
    private static final int ROUND_TRIPS = 1_000;

    private final PrintStream out;
    private final Path folder = Files.createTempDirectory("socketserver-tour");
    private int servers;
    private int failures;

    Tour(PrintStream out) throws IOException {
        this.out = out;
    }

    /** Runs the tour. Returns whether every server answered as expected. */
    boolean run(Transport... transports) throws IOException {
        out.printf(
                "The same handlers on every transport, with every mix-in. Java %s, %s.%n",
                Runtime.version().feature(), System.getProperty("os.name"));
        for (Transport transport : transports) {
            for (Concurrency concurrency : Concurrency.values()) {
                visit(transport, concurrency, concurrency.mixIn(), BuiltIn.UPPER, address -> {
                    out.printf("%n%-14s%-11s%s%n", transport, concurrency, address);
                    converse(transport, address);
                });
            }
        }
        out.printf("%n%d concurrent clients, each with an answer that takes %s ms; second run:%n", CROWD, PAUSE);
        for (Transport transport : transports) {
            out.printf("    %-14s", transport);
            for (Concurrency concurrency : Concurrency.values()) {
                visit(transport, concurrency, concurrency.mixIn(), BuiltIn.SLEEP, address -> {
                    askAtOnce(transport, address);
                    out.printf(Locale.ROOT, "  %s %5.1f ms", concurrency, askAtOnce(transport, address) / 1e6);
                });
            }
            out.println();
        }
        out.printf(
                "%n%d clients, one after another, ask for the process id of the handler; this process is %d:%n",
                ASKERS, ProcessHandle.current().pid());
        for (Transport transport : transports) {
            out.printf("    %-14s", transport);
            askProcesses(transport, Concurrency.THREADING, new ThreadingMixIn(), 1);
            askProcesses(transport, Concurrency.FORKING, new ForkingMixIn().requestsPerChild(1), ASKERS);
            out.println();
        }
        String summary =
                failures == 0 ? "%n%d servers, all answered and stopped.%n" : "%n%2$d of %1$d servers FAILED.%n";
        out.printf(summary, servers, failures);
        Files.delete(folder);
        return failures == 0;
    }

    /** A conversation with the server at an address. */
    private interface Conversation {
        void with(String address) throws Exception;
    }

    /** Starts a server, talks to it, and stops it. */
    private void visit(
            Transport transport, Concurrency concurrency, MixIn mixIn, BuiltIn handler, Conversation conversation) {
        servers++;
        String address = transport.isUnix() ? folder + "/" + servers + ".sock" : "127.0.0.1:0";
        try (BaseServer<?> server = transport.server(address, handler.handlerClass(), ServerOptions.DEFAULTS)) {
            server.mixIn(mixIn);
            server.start();
            conversation.with(AddressText.of(server.address()));
        } catch (Exception failure) {
            failures++;
            out.printf("%n%s %s FAILED: %s%n", transport, concurrency, failure);
        }
    }

    /** Measures the first and the median round trip to a server that answers in capitals. */
    private void converse(Transport transport, String address) throws IOException {
        long began = System.nanoTime();
        try (Client client = Client.connect(transport, address)) {
            say("hello", ask(client, "hello"), System.nanoTime() - began, "including connect");
            long[] times = new long[ROUND_TRIPS];
            for (int index = 0; index < times.length; index++) {
                began = System.nanoTime();
                ask(client, "line " + index);
                times[index] = System.nanoTime() - began;
            }
            Arrays.sort(times);
            say(ROUND_TRIPS + " lines", ROUND_TRIPS + " answers", times[times.length / 2], "median of each");
        }
    }

    private static String ask(Client client, String line) throws IOException {
        String answer = client.ask(line);
        if (!answer.equals(line.toUpperCase(Locale.ROOT))) {
            throw new IOException("the answer to " + line + " was " + answer);
        }
        return answer;
    }

    private void say(String sent, String answer, long nanos, String remark) {
        out.printf(Locale.ROOT, "    > %-12s < %-14s %8.3f ms  %s%n", sent, answer, nanos / 1e6, remark);
    }

    /** Asks with several clients at the same time. Returns the time until all have their answer, in ns. */
    private static long askAtOnce(Transport transport, String address) throws Exception {
        Callable<String> question = () -> {
            try (Client client = Client.connect(transport, address)) {
                return ask(client, PAUSE);
            }
        };
        ExecutorService threads = Executors.newFixedThreadPool(CROWD);
        try {
            long began = System.nanoTime();
            List<Future<String>> answers = threads.invokeAll(Collections.nCopies(CROWD, question));
            long nanos = System.nanoTime() - began;
            for (Future<String> answer : answers) {
                answer.get();
            }
            return nanos;
        } finally {
            threads.shutdownNow();
        }
    }

    /** Asks for the process id with several clients, and checks the number of different processes. */
    private void askProcesses(Transport transport, Concurrency concurrency, MixIn mixIn, int expected) {
        visit(transport, concurrency, mixIn, BuiltIn.PID, address -> {
            Set<String> pids = new HashSet<>();
            out.print("  " + concurrency);
            for (int asker = 0; asker < ASKERS; asker++) {
                try (Client client = Client.connect(transport, address)) {
                    String pid = client.ask("who?");
                    out.print(" " + pid);
                    pids.add(pid);
                }
            }
            if (pids.size() != expected) {
                throw new IOException("expected " + expected + " processes, not " + pids.size());
            }
        });
    }
}
