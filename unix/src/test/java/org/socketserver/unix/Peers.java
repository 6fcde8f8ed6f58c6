package org.socketserver.unix;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;
import org.newsclub.net.unix.AFUNIXDatagramChannel;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/** Clients on the JDK, on junixsocket and on Python. */
final class Peers {
    private Peers() {}

    /** Returns an unused abstract name. */
    static UnixAddress freshName() {
        return UnixAddress.abstractName("socketserver-test-" + UUID.randomUUID());
    }

    static SocketChannel connect(UnixAddress server) throws IOException {
        return server.isAbstract()
                ? AFUNIXSocketChannel.open(server.forLibrary())
                : SocketChannel.open(UnixDomainSocketAddress.of(server.path().orElseThrow()));
    }

    static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    static String read(SocketChannel channel, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            // Read on.
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    static String readAll(SocketChannel channel) throws IOException {
        return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Sends a text, ends the output, and returns the whole answer. */
    static String exchange(UnixAddress server, String text) throws IOException {
        try (SocketChannel channel = connect(server)) {
            write(channel, text);
            channel.shutdownOutput();
            return readAll(channel);
        }
    }

    static AFUNIXDatagramChannel datagram(UnixAddress own) throws IOException {
        AFUNIXDatagramChannel channel = AFUNIXDatagramChannel.open();
        if (!own.isUnnamed()) {
            channel.bind(own.forLibrary());
        }
        return channel;
    }

    static void send(AFUNIXDatagramChannel channel, String text, UnixAddress server) throws IOException {
        channel.send(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), server.forLibrary());
    }

    static String receive(AFUNIXDatagramChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(300_000);
        channel.receive(bytes);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    /**
     * Runs a Python script with the server's address in {@code server} (abstract names begin with NUL) and arguments in
     * {@code args}.
     *
     * @return its output
     */
    static List<String> python(UnixAddress server, String script, Object... args) throws Exception {
        String prologue = "import os, socket, sys\n"
                + "server = sys.argv[1]\n"
                + "server = '\\0' + server[1:] if server.startswith('@') else server\n"
                + "args = sys.argv[2:]\n";
        Process process = startPython(prologue + script, concat(server, args));
        List<String> lines;
        try (BufferedReader output = process.inputReader()) {
            lines = output.lines().toList();
        }
        if (process.waitFor() != 0) {
            throw new AssertionError("python3 failed: " + lines);
        }
        return lines;
    }

    private static Object[] concat(Object first, Object... rest) {
        List<Object> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(rest));
        return all.toArray();
    }

    /** Starts a Python script; skips the test if Python is not installed. */
    static Process startPython(String script, Object... args) throws IOException {
        List<String> command = new ArrayList<>(List.of("python3", "-c", script));
        for (Object arg : args) {
            command.add(arg.toString());
        }
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException absent) {
            Assumptions.abort("python3 is not installed");
            throw absent;
        }
    }
}
