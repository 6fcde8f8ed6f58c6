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
import org.socketserver.api.RequestHandler;
import org.socketserver.api.RequestListener;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.server.Servers;
import org.socketserver.api.server.TransportProvider;
import org.socketserver.api.spi.MixIn;
import org.socketserver.udp.UdpServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Serves at one or more addresses until a signal arrives. */
@Command(
        name = "serve",
        resourceBundle = "org.socketserver.examples.cli.serve",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        exitCodeOnExecutionException = 70)
final class ServeCommand implements Callable<Integer> {
    private final SelfSigned.Shared selfSigned = new SelfSigned.Shared();
    /** The options of the first server, which declare those of the command. */
    private final ServeOptions options = new ServeOptions(selfSigned);

    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "ADDRESS",
            descriptionKey = "ADDRESS",
            completionCandidates = Place.Transports.class)
    private List<String> words = List.of();

    @Spec
    void declareOptions(CommandSpec command) {
        spec = command;
        options.addTo(command);
    }

    /** Returns the options of each server with the values of the command line. */
    List<ServeOptions> applied(List<String> addresses) {
        List<TransportProvider<?>> transports = addresses.stream()
                .<TransportProvider<?>>map(ServeCommand::transport)
                .toList();
        List<ServeOptions> all = new ArrayList<>(List.of(options));
        while (all.size() < transports.size()) {
            ServeOptions another = new ServeOptions(selfSigned);
            another.addTo(CommandSpec.create());
            all.add(another);
        }
        for (int i = 0; i < all.size(); i++) {
            all.get(i).apply(spec, transports.get(i), transports);
        }
        return all;
    }

    private static TransportProvider<?> transport(String address) {
        // Rejects an address that is invalid.
        String scheme = Servers.of(BuiltIn.ECHO.handlerClass(), address)
                .servers()
                .get(0)
                .transport();
        return TransportProvider.all().stream()
                .filter(transport -> transport.scheme().equals(scheme))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public Integer call() throws Exception {
        List<String> addresses = Place.texts(words);
        List<ServeOptions> applied = applied(addresses);
        Class<? extends RequestHandler<?>> handler = HandlerClasses.find(options.handler, options.classPath);
        BaseServer<?>[] created = new BaseServer<?>[addresses.size()];
        for (int i = 0; i < created.length; i++) {
            ServeOptions own = applied.get(i);
            created[i] = Servers.of(handler, own.serverOptions(), addresses.get(i))
                    .servers()
                    .get(0);
            own.layers.forEach(created[i]::layer);
            created[i].mixIn(own.mixIn());
            join(created[i], own.groups);
        }
        Servers servers = Servers.of(created);
        if (options.total > 0) {
            servers.maxConcurrent(options.total);
        }
        PrintWriter err = spec.commandLine().getErr();
        selfSigned.description().lines().forEach(err::println);
        List<MixIn> mixIns = applied.stream().map(ServeOptions::mixIn).toList();
        return new ServeRun(
                        servers,
                        options.lameDuck,
                        companions(servers, mixIns, err::println),
                        spec.commandLine().getOut(),
                        err)
                .untilAsked();
    }

    /** Makes a UDP server join multicast groups when it binds. */
    private static void join(BaseServer<?> server, List<String> groups) throws IOException {
        for (String group : server instanceof UdpServer ? groups : List.<String>of()) {
            UdpServer udp = (UdpServer) server;
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

    /** Creates the companions of the servers and registers the listeners. */
    private List<ServeRun.Companion> companions(Servers servers, List<MixIn> mixIns, Consumer<String> lines) {
        List<ServeRun.Companion> companions = new ArrayList<>();
        List<RequestListener> listeners = new ArrayList<>();
        if (options.recording != null) {
            companions.add(new FlightRecording(options.recording));
        }
        if (options.stats != null) {
            StatsLines stats = new StatsLines(servers::stats, mixIns, options.stats, lines, System::nanoTime);
            companions.add(stats);
            listeners.add(stats);
        }
        if (options.requestLines != null) {
            listeners.add(new RequestLines(options.requestLines, lines));
        }
        servers.listener(new RequestListener() {
            @Override
            public void requestStopped(Request request, RequestEnd end) {
                listeners.forEach(listener -> listener.requestStopped(request, end));
            }
        });
        return companions;
    }
}
