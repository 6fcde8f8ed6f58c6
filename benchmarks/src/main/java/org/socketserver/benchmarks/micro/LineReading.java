package org.socketserver.benchmarks.micro;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;
import org.socketserver.api.server.ConnectionRequest;
import org.socketserver.mixins.StreamRequestHandler;

/** Reading lines from a connection, compared with the JDK's reader, which does not limit the length of a line. */
@State(Scope.Thread)
public class LineReading extends MicroBenchmark {
    private static final int LINES = 1_000;

    /** The length of a line including its end, in bytes. */
    @Param({"16", "80", "1000"})
    public int bytes = 16;

    private final PacketFactory server = new PacketFactory();
    private EndlessLines connection = new EndlessLines(16);

    /** Creates the connection. */
    @Setup
    public void setUp() {
        connection = new EndlessLines(bytes);
    }

    private static final class Reader extends StreamRequestHandler {
        private final Blackhole sink;

        Reader(Blackhole sink) {
            this.sink = sink;
        }

        @Override
        public void handle() throws IOException {
            for (int line = 0; line < LINES; line++) {
                sink.consume(readLine());
            }
        }
    }

    /**
     * Reads {@value #LINES} lines in a handler.
     *
     * @param sink consumes the lines
     * @throws Exception never
     */
    @Benchmark
    @OperationsPerInvocation(LINES)
    public void handler(Blackhole sink) throws Exception {
        connection.rewind();
        ConnectionRequest request = new ConnectionRequest(connection, server);
        new Reader(sink).handle(request);
        request.close();
    }

    /**
     * Reads {@value #LINES} lines with the JDK's reader, directly from the bytes.
     *
     * @param sink consumes the lines
     * @throws IOException never
     */
    @Benchmark
    @OperationsPerInvocation(LINES)
    public void jdkReader(Blackhole sink) throws IOException {
        connection.rewind();
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(new Bytes(connection), StandardCharsets.UTF_8));
        for (int line = 0; line < LINES; line++) {
            sink.consume(reader.readLine());
        }
    }

    private static final class Bytes extends InputStream {
        private final EndlessLines source;

        Bytes(EndlessLines source) {
            this.source = source;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            source.read(one, 0, 1);
            return one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            return source.read(target, offset, length);
        }
    }
}
