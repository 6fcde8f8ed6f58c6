package org.socketserver.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.BaseRequestHandler;
import org.socketserver.api.DatagramRequest;
import org.socketserver.api.Deadline;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;
import org.socketserver.examples.handlers.Echo;
import org.socketserver.examples.handlers.Upper;
import org.socketserver.examples.servers.Transport;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

class ArgumentsTest {
    @ParameterizedTest
    @CsvSource({"500ms,500", "5s,5000", "2m,120000", "1h,3600000", "7,7000", "0.5s,500", "0,0"})
    void timesAreReadWithTheirUnitAndInSecondsWithout(String text, long millis) {
        assertEquals(Duration.ofMillis(millis), new DurationText().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5x", "-1s", "s", "1 s", "1d"})
    void whatIsNoTimeIsRefused(String text) {
        assertThrows(TypeConversionException.class, () -> new DurationText().convert(text));
    }

    @ParameterizedTest
    @CsvSource({"660,rw-rw----", "0600,rw-------", "751,rwxr-x--x", "000,---------"})
    void modesAreReadAsChmodDoes(String text, String permissions) {
        assertEquals(
                PosixFilePermissions.fromString(permissions),
                new OctalMode().convert(text).set());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "66", "888", "1777", "rw-"})
    void whatIsNoModeIsRefused(String text) {
        assertThrows(TypeConversionException.class, () -> new OctalMode().convert(text));
    }

    private static ServerOptions options(String... args) {
        var options = new OptionArguments();
        new CommandLine(options).parseArgs(args);
        var datagrams = new DatagramArguments();
        new CommandLine(datagrams).parseArgs();
        return datagrams.applyTo(options.applyTo(Transport.UNIX)).build();
    }

    private static String shown(ServerOptions options) {
        return String.join(
                " ",
                options.name(),
                "" + options.backlog(),
                "" + options.reuseAddress(),
                "" + options.reusePort(),
                "" + options.dualStack(),
                "" + options.noDelay(),
                "" + options.keepAlive(),
                "" + options.receiveBufferSize(),
                "" + options.sendBufferSize(),
                "" + options.broadcast(),
                "" + options.maxDatagramSize(),
                "" + options.deliverTruncated(),
                PosixFilePermissions.toString(options.socketFileMode()),
                "" + options.pollInterval(),
                "" + options.deadline(Deadline.READ),
                "" + options.deadline(Deadline.WRITE),
                "" + options.grace());
    }

    @Test
    void withoutOptionsTheServerHasTheDefaultsOfTheApi() {
        assertEquals(shown(ServerOptions.DEFAULTS), shown(options()));
    }

    @Test
    void everyOptionReachesTheServer() {
        ServerOptions options = options(
                "--name=n",
                "--backlog=7",
                "--reuse-address=false",
                "--reuse-port",
                "--dual-stack=false",
                "--no-delay=false",
                "--keep-alive",
                "--receive-buffer=8192",
                "--send-buffer=4096",
                "--mode=600",
                "--poll-interval=1s",
                "--read-timeout=2s",
                "--write-timeout=3s",
                "--grace=4s");
        assertEquals(
                "n 7 false true false false true 8192 4096 false 65535 false " + "rw------- PT1S PT2S PT3S PT4S",
                shown(options));
        var datagrams = new DatagramArguments();
        new CommandLine(datagrams).parseArgs("--max-datagram=100", "--deliver-truncated", "--broadcast");
        ServerOptions packets = datagrams.applyTo(ServerOptions.builder()).build();
        assertEquals(100, packets.maxDatagramSize());
        assertTrue(packets.deliverTruncated());
        assertTrue(packets.broadcast());
    }

    private abstract static class Middle<A, B extends Request> extends BaseRequestHandler<B>
            implements java.util.function.Supplier<A> {}

    private abstract static class Far extends Middle<String, DatagramRequest> {}

    private abstract static class Unsaid<R extends StreamRequest> extends Middle<String, R> {}

    private interface Lambda extends RequestHandler<StreamRequest> {}

    @Test
    void theKindOfRequestIsFoundThroughTheWholeAncestry() {
        assertEquals(Optional.of(Request.class), HandledRequest.of(Echo.class));
        assertEquals(Optional.of(StreamRequest.class), HandledRequest.of(Upper.OfStream.class));
        assertEquals(Optional.of(DatagramRequest.class), HandledRequest.of(Upper.OfDatagram.class));
        assertEquals(Optional.of(DatagramRequest.class), HandledRequest.of(Far.class));
        assertEquals(Optional.of(StreamRequest.class), HandledRequest.of(Unsaid.class));
        assertEquals(Optional.of(StreamRequest.class), HandledRequest.of(Lambda.class));
        assertEquals(Optional.empty(), HandledRequest.of(String.class));
    }
}
