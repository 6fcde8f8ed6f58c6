package org.socketserver.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.socketserver.api.Request;
import org.socketserver.api.RequestEnd;
import org.socketserver.api.RequestListener;
import org.socketserver.api.server.BaseServer;
import org.socketserver.udp.UdpServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Serves until a signal arrives. */
@Command(
        name = "serve",
        resourceBundle = "org.socketserver.examples.cli.serve",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        exitCodeOnExecutionException = 70)
final class ServeCommand implements Callable<Integer> {
    private final ServeOptions options = new ServeOptions();

    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "TRANSPORT")
    @SuppressWarnings("NullAway.Init")
    private Transport transport;

    @Parameters(index = "1", paramLabel = "ADDRESS")
    @SuppressWarnings("NullAway.Init")
    private String address;

    @Spec
    void declareOptions(CommandSpec command) {
        spec = command;
        options.addTo(command);
    }

    /** Returns the options with the values of the command line. */
    ServeOptions applied() {
        options.apply(spec, transport);
        return options;
    }

    @Override
    public Integer call() throws Exception {
        applied();
        Class<?> handler = HandlerClasses.find(options.handler, options.classPath, transport);
        BaseServer<?> server = transport.server(address, handler, options.serverOptions());
        options.layers.forEach(server::layer);
        server.mixIn(options.mixIn());
        join(server);
        PrintWriter err = spec.commandLine().getErr();
        options.notice.lines().forEach(err::println);
        return new ServeRun(
                        server,
                        options.lameDuck,
                        companions(server, err::println),
                        spec.commandLine().getOut(),
                        err)
                .untilAsked();
    }

    /** Makes the server join its multicast groups when it binds. */
    private void join(BaseServer<?> server) throws IOException {
        for (String group : options.groups) {
            if (!(server instanceof UdpServer udp)) {
                throw new IllegalArgumentException("--join is for udp; " + transport + " has no multicast groups");
            }
            int at = group.indexOf('@');
            if (at < 0) {
                throw new IllegalArgumentException("--join " + group + " has no interface; write GROUP@INTERFACE");
            }
            NetworkInterface found = NetworkInterface.getByName(group.substring(at + 1));
            if (found == null) {
                throw new IllegalArgumentException("--join " + group + ": no such network interface");
            }
            udp.join(InetAddress.getByName(group.substring(0, at)), found);
        }
    }

    /** Creates the companions of the server and registers the listeners. */
    private List<ServeRun.Companion> companions(BaseServer<?> server, Consumer<String> lines) {
        List<ServeRun.Companion> companions = new ArrayList<>();
        List<RequestListener> listeners = new ArrayList<>();
        if (options.recording != null) {
            companions.add(new FlightRecording(options.recording));
        }
        if (options.stats != null) {
            StatsLines stats = new StatsLines(server, options.mixIn(), options.stats, lines, System::nanoTime);
            companions.add(stats);
            listeners.add(stats);
        }
        if (options.requestLines != null) {
            listeners.add(new RequestLines(options.requestLines, lines));
        }
        server.listener(new RequestListener() {
            @Override
            public void requestStopped(Request request, RequestEnd end) {
                listeners.forEach(listener -> listener.requestStopped(request, end));
            }
        });
        return companions;
    }
}
