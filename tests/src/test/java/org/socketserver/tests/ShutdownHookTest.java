package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.socketserver.api.server.BaseServer;
import org.socketserver.tcp.TcpServer;

/** SIGTERM, Ctrl-C and {@code System.exit} in a program that only serves. */
class ShutdownHookTest {
    @TempDir
    private Path folder;

    private final List<StreamClient> clients = new ArrayList<>();
    private @Nullable Process process;
    private BufferedReader output;
    private int port;

    private Path file() {
        return folder.resolve("s");
    }

    private void start(String mode) throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HookedServers.class.getName(),
                        file().toString(),
                        mode)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        output = process.inputReader();
        port = Integer.parseInt(output.readLine());
    }

    @AfterEach
    void end() throws IOException {
        if (process != null) {
            process.destroyForcibly();
        }
        for (StreamClient client : clients) {
            client.close();
        }
    }

    private StreamClient tcp() throws IOException {
        return opened(SocketChannel.open(new InetSocketAddress("127.0.0.1", port)));
    }

    private StreamClient unix() throws IOException {
        return opened(SocketChannel.open(UnixDomainSocketAddress.of(file())));
    }

    private StreamClient opened(SocketChannel channel) {
        StreamClient client = new StreamClient(channel);
        clients.add(client);
        return client;
    }

    private static StreamClient inTheMiddle(StreamClient client) throws IOException {
        assertEquals("BEFORE", client.ask("before"));
        client.write(new byte[] {'a', 'f', 't'});
        return client;
    }

    private static void assertFinishes(StreamClient client) throws IOException {
        client.send("er");
        assertEquals("AFTER", client.receive());
        assertTrue(client.isAtEnd());
    }

    private void signal(String name) throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-" + name, "" + process.pid())
                        .start()
                        .waitFor());
    }

    private void assertEndsWith(int status) throws InterruptedException {
        assertTrue(process.waitFor(20, TimeUnit.SECONDS), "the process has not ended");
        assertEquals(status, process.exitValue());
    }

    @Test
    void aSignalDuringACloseDoesNotCutIt() throws Exception {
        start("hook");
        StreamClient busy = inTheMiddle(unix());
        StreamClient idle = unix();
        assertEquals("IDLE", idle.ask("idle"));
        assertEquals("CLOSE", unix().ask("close"));
        assertTrue(idle.isAtEnd(), "the close has begun");
        signal("TERM");
        assertEquals("late", output.readLine(), "a server can serve during the shutdown");
        assertFinishes(busy);
        assertEndsWith(143);
        assertFalse(Files.exists(file()));
    }

    @Test
    void severalRequestsCanCallExit() throws Exception {
        start("hook");
        unix().send("exit");
        unix().send("exit");
        tcp().send("exit");
        assertEndsWith(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSignalClosesAllServersWithTheirGrace(String signal) throws Exception {
        start("hook");
        StreamClient overTcp = inTheMiddle(tcp());
        StreamClient overUnix = inTheMiddle(unix());
        StreamClient idle = unix();
        assertEquals("IDLE", idle.ask("idle"));
        signal(signal);
        assertTrue(idle.isAtEnd(), "the stop has begun");
        assertFinishes(overUnix);
        assertFinishes(overTcp);
        assertEndsWith(signal.equals("TERM") ? 143 : 130);
        assertFalse(Files.exists(file()));
    }

    @Test
    void aRequestThatHasCalledExitIsNotWaitedForButOthersAre() throws Exception {
        start("hook");
        StreamClient other = inTheMiddle(tcp());
        StreamClient idle = unix();
        assertEquals("IDLE", idle.ask("idle"));
        unix().send("exit");
        assertTrue(idle.isAtEnd(), "the stop has begun");
        assertFinishes(other);
        assertEndsWith(7);
        assertFalse(Files.exists(file()));
    }

    @Test
    void withoutAMixInAHandlerCanExit() throws Exception {
        start("hook");
        tcp().send("exit");
        assertEndsWith(7);
        assertFalse(Files.exists(file()));
    }

    @Test
    void aHookOfTheApplicationDoesNotWaitForARequestThatHasCalledExitEither() throws Exception {
        start("own hook");
        unix().send("exit");
        assertEndsWith(7);
        assertFalse(Files.exists(file()));
    }

    @Test
    void aListenerThatExitsDoesNotHangTheProcess() throws Exception {
        start("listener exits");
        assertEquals("HELLO", unix().ask("hello"));
        signal("TERM");
        assertEndsWith(143);
    }

    @Test
    void aLayerThatExitsDoesNotHangTheProcessAndOtherRequestsFinish() throws Exception {
        start("layer exits");
        StreamClient other = inTheMiddle(tcp());
        unix().send("hello");
        assertFinishes(other);
        assertEndsWith(8);
        assertFalse(Files.exists(file()));
    }

    @Test
    void withTheOptionOffASignalEndsTheProcessAtOnce() throws Exception {
        start("no hook");
        StreamClient sleeping = unix();
        assertEquals("sleeping", sleeping.ask("sleep"));
        signal("TERM");
        assertEndsWith(143);
        assertTrue(Files.exists(file()), "nothing was closed");
    }

    @Test
    void aServerThatHasEndedIsNotKept() throws Exception {
        try (TcpServer serving = new TcpServer("127.0.0.1:0", HookedServers.Shout.class)) {
            serving.start();
            WeakReference<BaseServer<?>> ended = ended();
            for (int i = 0; i < 100 && ended.get() != null; i++) {
                System.gc();
                Thread.sleep(20);
            }
            assertNull(ended.get());
        }
    }

    private static WeakReference<BaseServer<?>> ended() throws IOException {
        TcpServer server = new TcpServer("127.0.0.1:0", HookedServers.Shout.class);
        server.start();
        server.close();
        return new WeakReference<>(server);
    }
}
