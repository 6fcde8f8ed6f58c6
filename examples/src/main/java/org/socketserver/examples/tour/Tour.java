package org.socketserver.examples.tour;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.socketserver.examples.servers.Concurrency;
import org.socketserver.examples.servers.Transport;

/**
 * Starts a server on each transport under each mix-in, talks to each through a real socket, and prints what was said
 * and how long it took, as it goes.
 */
public final class Tour {
    private final PrintStream out;

    /**
     * Makes a tour.
     *
     * @param out where the transcript goes
     */
    public Tour(PrintStream out) {
        this.out = out;
    }

    /**
     * Runs the tour.
     *
     * @param transports what to visit
     * @return true if every server answered as it should
     * @throws IOException if there is no room for socket files
     */
    public boolean run(Transport... transports) throws IOException {
        out.printf(
                "The same handlers on every transport, under every mix-in. Java %s, %s.%n",
                Runtime.version().feature(), System.getProperty("os.name"));
        for (Concurrency concurrency : Concurrency.values()) {
            out.printf("    %-10s %s%n", concurrency.word(), concurrency.meaning());
        }
        Path folder = Files.createTempDirectory("socketserver-tour");
        var visits = new Visits(out, folder);
        try {
            for (Transport transport : transports) {
                for (Concurrency concurrency : Concurrency.values()) {
                    visits.conversation(transport, concurrency);
                }
            }
            out.printf(
                    "%n%d clients at once, each asking for an answer after %d ms, for the second time:%n",
                    Visits.CROWD, Visits.PAUSE);
            for (Transport transport : transports) {
                visits.crowd(transport);
            }
            out.printf(
                    "%n%d clients, one after another, ask which process answers them; this one is %d:%n",
                    Visits.ASKERS, ProcessHandle.current().pid());
            for (Transport transport : transports) {
                visits.processes(transport);
            }
        } finally {
            Files.delete(folder);
        }
        out.printf("%n%s%n", visits.summary());
        return visits.failures() == 0;
    }
}
