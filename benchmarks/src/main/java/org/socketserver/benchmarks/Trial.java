package org.socketserver.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Measures one contender in one scenario once: starts its server, applies the load, and stops the server. */
final class Trial {
    private static final int CONNECTIONS_BEFORE_IDLE = 20;

    private final Toolbox tools;
    private final Cores cores;
    private final Path sockets;
    private final Path logs;
    private final double seconds;

    Trial(Toolbox tools, Cores cores, Path sockets, Path logs, double seconds) {
        this.tools = tools;
        this.cores = cores;
        this.sockets = sockets;
        this.logs = logs;
        this.seconds = seconds;
    }

    /**
     * Measures once.
     *
     * @param rate the rate of an open loop, in requests/s; otherwise 0
     * @throws IOException if the server or the generator fails; the message has the reason
     */
    Measurement run(Scenario scenario, Contender contender, double rate) throws IOException, InterruptedException {
        Path socket = sockets.resolve(contender.name());
        Files.deleteIfExists(socket);
        Path log = logs.resolve(scenario.name() + "-" + contender.name() + ".log");
        List<String> command = contender.command().apply(scenario, socket);
        long began = System.nanoTime();
        try (ServerProcess server =
                ServerProcess.start(scenario.pinned() ? Cores.pinned(cores.server(), command) : command, log)) {
            try {
                return switch (scenario.mode()) {
                    case START -> start(scenario, server, began);
                    case STOP -> stop(scenario, server);
                    case IDLE -> idle(scenario, server, command);
                    default -> load(scenario, server, rate);
                };
            } catch (IOException failed) {
                throw new IOException(failed.getMessage() + " (server: " + server.reason() + ")", failed);
            }
        } finally {
            deleteSockets();
        }
    }

    private Measurement load(Scenario scenario, ServerProcess server, double rate) throws IOException {
        double warmup = scenario.warmup(seconds);
        useOtherConnections(scenario, server, warmup);
        try (Load load = generator(scenario, server, scenario.mode(), scenario.connections(), rate, warmup, seconds)) {
            load.await("begin");
            ProcessTree before = server.usage();
            load.await("end");
            ProcessTree after = server.usage();
            LoadReport report = load.report();
            if (report.requests() == 0) {
                throw new IOException("no request was answered");
            }
            double asked = rate > 0 ? rate : Double.NaN;
            return Measurement.of(
                    report, asked, after.processorSeconds() - before.processorSeconds(), after.residentMegabytes());
        }
    }

    private void useOtherConnections(Scenario scenario, ServerProcess server, double time) throws IOException {
        int others = scenario.otherConnections();
        if (others == 0) {
            return;
        }
        try (Load load = generator(scenario, server, Mode.CLOSED, others, 0, 0, time)) {
            load.await("begin");
            load.await("end");
            if (load.report().requests() == 0) {
                throw new IOException("no request on the " + others + " preceding connections was answered");
            }
        }
    }

    private Measurement start(Scenario scenario, ServerProcess server, long began) throws IOException {
        exchange(scenario, server);
        double millis = (System.nanoTime() - began) / 1e6;
        return Measurement.ofFigure(millis, server.usage().residentMegabytes());
    }

    /** Connects, sends a line, and reads it back. */
    private static void exchange(Scenario scenario, ServerProcess server) throws IOException {
        byte[] line = new byte[scenario.bytes()];
        Arrays.fill(line, (byte) 'x');
        line[line.length - 1] = '\n';
        ByteBuffer answer = ByteBuffer.allocate(line.length);
        try (SocketChannel channel = SocketChannel.open(server.address(scenario.transport()))) {
            channel.write(ByteBuffer.wrap(line));
            while (answer.hasRemaining()) {
                if (channel.read(answer) < 0) {
                    throw new IOException("the connection ended before the answer");
                }
            }
        }
    }

    private Measurement stop(Scenario scenario, ServerProcess server) throws IOException, InterruptedException {
        try (Load load = generator(scenario, server, Mode.IDLE, scenario.connections(), 0, 0, 60)) {
            load.await("connected");
            server.awaitDescriptors(scenario.connections());
            double resident = server.usage().residentMegabytes();
            return Measurement.ofFigure(server.stop(), resident);
        }
    }

    private Measurement idle(Scenario scenario, ServerProcess server, List<String> command)
            throws IOException, InterruptedException {
        int connections = scenario.connections();
        boolean collecting = scenario.isEncrypted() && command.contains(tools.java());
        if (scenario.isEncrypted()) {
            useOtherConnections(scenario, server, scenario.warmup(seconds));
        } else {
            // The first connections load classes, which should not count for the connections. More of them would leave
            // garbage, and the measured connections would reuse its memory.
            for (int first = 0; first < CONNECTIONS_BEFORE_IDLE; first++) {
                exchange(scenario, server);
            }
        }
        Thread.sleep(500);
        if (collecting) {
            collectGarbage(server);
        }
        double before = server.usage().residentMegabytes();
        try (Load load = generator(scenario, server, Mode.IDLE, connections, 0, 0, 60)) {
            load.await("connected");
            server.awaitDescriptors(connections);
            Thread.sleep(1000);
            if (collecting) {
                collectGarbage(server);
            }
            double after = server.usage().residentMegabytes();
            return Measurement.ofFigure((after - before) * 1024 / connections, after);
        }
    }

    /** Removes the garbage of handshakes, which would otherwise be most of what is measured. */
    private void collectGarbage(ServerProcess server) throws IOException {
        Command.output(tools.jcmd(), Long.toString(server.pid()), "GC.run");
    }

    private Load generator(
            Scenario scenario,
            ServerProcess server,
            Mode mode,
            int connections,
            double rate,
            double warmup,
            double time)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(tools.generator()));
        command.addAll(Load.arguments(scenario, mode, server.place(), connections, rate, warmup, time));
        return Load.start(scenario.pinned() ? Cores.pinned(cores.load(), command) : command, warmup + time);
    }

    /** Deletes all socket files, including those of the generator's datagram sockets. */
    private void deleteSockets() throws IOException {
        try (var all = Files.list(sockets)) {
            for (Path one : all.toList()) {
                Files.deleteIfExists(one);
            }
        }
    }
}
