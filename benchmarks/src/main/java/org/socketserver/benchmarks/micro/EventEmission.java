package org.socketserver.benchmarks.micro;

import java.io.IOException;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.socketserver.api.RequestListener;

/** The cost of reporting a request: to nobody, to a listener that does nothing, or to the Flight Recorder. */
@State(Scope.Benchmark)
public class EventEmission extends MicroBenchmark {
    private static final int REQUESTS = 1_000;

    /** The receiver of the events. */
    @Param({"nobody", "listener", "recorder"})
    public String receiver = "";

    private PacketFactory server = new PacketFactory();
    private @Nullable Recording recording;

    /** Creates the server. */
    @Setup
    public void setUp() {
        server = new PacketFactory();
        if (receiver.equals("listener")) {
            server.listener(new RequestListener() {});
        } else if (receiver.equals("recorder")) {
            recording = new Recording();
            recording.start();
        }
    }

    /** Closes the server and ends the recording. */
    @TearDown
    public void tearDown() {
        server.close();
        if (recording != null) {
            recording.close();
        }
    }

    /**
     * Handles {@value #REQUESTS} requests on the accept loop.
     *
     * @throws IOException never
     * @throws InterruptedException never
     */
    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void request() throws IOException, InterruptedException {
        server.serve(REQUESTS);
    }
}
