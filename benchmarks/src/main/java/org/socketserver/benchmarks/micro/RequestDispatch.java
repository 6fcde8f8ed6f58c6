package org.socketserver.benchmarks.micro;

import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.socketserver.mixins.ThreadKind;
import org.socketserver.mixins.ThreadingMixIn;

/** The framework's cost per request without a network: fetch, admit, handle, answer, report and close. */
@State(Scope.Benchmark)
public class RequestDispatch extends MicroBenchmark {
    private static final int REQUESTS = 1_000;

    /** The mix-in, or {@code none}. */
    @Param({"none", "platform", "virtual"})
    public String mixIn = "";

    private PacketFactory server = new PacketFactory();

    /** Creates the server. */
    @Setup
    public void setUp() {
        server = new PacketFactory();
        if (!mixIn.equals("none")) {
            server.mixIn(new ThreadingMixIn(mixIn.equals("virtual") ? ThreadKind.VIRTUAL : ThreadKind.PLATFORM));
        }
    }

    /** Closes the server. */
    @TearDown
    public void tearDown() {
        server.close();
    }

    /**
     * Handles {@value #REQUESTS} requests.
     *
     * @throws IOException never
     * @throws InterruptedException never
     */
    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void dispatch() throws IOException, InterruptedException {
        server.serve(REQUESTS);
    }
}
