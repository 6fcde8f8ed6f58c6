package org.socketserver.examples.cli;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.MixIn;
import org.socketserver.examples.servers.Transport;
import org.socketserver.mixins.ForkingMixIn;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Serves until a signal asks for the stop. */
@Command(
        name = "serve",
        description = {
            "Serves until SIGTERM or SIGINT.",
            "Prints one line on standard output when it can be reached: ready TRANSPORT ADDRESS, with the real "
                    + "address. Logs go to standard error. The first signal stops it gracefully, the second at once.",
            "Output that is not read is dropped and counted. A stop takes at most the drain delay, the grace and 2 s.",
            "Times are written 500ms, 5s, 2m, 1h; a plain number is seconds."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        abbreviateSynopsis = true,
        exitCodeOnExecutionException = 70,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:stopped by a signal or a handler, and all requests had ended by themselves",
            "1:stopped, and some requests were cut, or the time limit ended the process before the server and its "
                    + "recording had ended; standard error says which",
            "2:a bad argument, an address that can't be had, or lost, or a recording that can't be written",
            "128+N:ended at once by a second signal of number N"
        })
final class ServeCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "TRANSPORT",
            converter = Choice.OfTransport.class,
            completionCandidates = Choice.OfTransport.class,
            description = "${COMPLETION-CANDIDATES}")
    @SuppressWarnings("NullAway.Init")
    private Transport transport;

    @Parameters(
            index = "1",
            paramLabel = "ADDRESS",
            description = "HOST:PORT, [IPV6]:PORT, or *:PORT for all addresses; port 0 lets the system choose. "
                    + "For Unix sockets a path, or @NAME for an abstract name (Linux).")
    @SuppressWarnings("NullAway.Init")
    private String address;

    // Not final: picocli makes new ones.

    @ArgGroup(validate = false, order = 1, heading = "%nWhat answers:%n")
    private HandlerArguments handler = new HandlerArguments();

    @ArgGroup(validate = false, order = 2, heading = "%nWhere requests run, and how many:%n")
    private MixInArguments mixIn = new MixInArguments();

    @ArgGroup(validate = false, order = 3, heading = "%nWith --mixin forking:%n")
    private ForkingArguments forking = new ForkingArguments();

    @ArgGroup(validate = false, order = 4, heading = "%nWho is let in, and how fast:%n")
    private LimitArguments limits = new LimitArguments();

    @ArgGroup(validate = false, order = 5, heading = "%nHow long things may take:%n")
    private DeadlineArguments deadlines = new DeadlineArguments();

    @ArgGroup(validate = false, order = 6, heading = "%nHow a stop goes, in its order:%n")
    private StopArguments stop = new StopArguments();

    @ArgGroup(validate = false, order = 7, heading = "%nWhat can be seen:%n")
    private SeeingArguments seeing = new SeeingArguments();

    @ArgGroup(validate = false, order = 8, heading = "%nThe server and its socket:%n")
    private ServerArguments common = new ServerArguments();

    @ArgGroup(validate = false, order = 9, heading = "%nDatagrams:%n")
    private DatagramArguments datagrams = new DatagramArguments();

    @Override
    public Integer call() throws Exception {
        BaseServer<?> server = transport.server(address, handler.handlerClass(transport), options());
        MixIn where = mixIn.mixIn(forking);
        server.mixIn(where);
        datagrams.join(server);
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Optional<ForkingMixIn> workers = where instanceof ForkingMixIn forks ? Optional.of(forks) : Optional.empty();
        return new ServeRun(server, seeing.companions(server, workers, err::println), out, err).untilAsked();
    }

    /**
     * Gathers the options of the server.
     *
     * @throws IllegalArgumentException if one is out of bounds, or the transport has no use for it
     */
    ServerOptions options() {
        ServerOptions.Builder options = ServerOptions.builder();
        limits.applyTo(options, transport);
        deadlines.applyTo(options);
        stop.applyTo(options);
        seeing.applyTo(options);
        common.applyTo(options, transport);
        datagrams.applyTo(options);
        return options.build();
    }
}
