package org.socketserver.examples.cli;

import java.util.concurrent.Callable;
import org.socketserver.api.BaseServer;
import org.socketserver.examples.servers.Transport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
            "Times are written 500ms, 5s, 2m, 1h; a plain number is seconds."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        exitCodeOnExecutionException = 70,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:stopped, and all requests had ended by themselves",
            "1:stopped, and some requests were cut; they are listed on standard error",
            "2:a bad argument, or an address that can't be had, or lost",
            "128+N:ended at once by a second signal of number N"
        })
final class ServeCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "TRANSPORT",
            converter = TransportWord.class,
            completionCandidates = TransportWord.All.class,
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

    @Mixin
    private final HandlerArguments handler = new HandlerArguments();

    @Mixin
    private final MixInArguments mixIn = new MixInArguments();

    @Mixin
    private final OptionArguments options = new OptionArguments();

    @Mixin
    private final DatagramArguments datagrams = new DatagramArguments();

    @Mixin
    private final LogArguments log = new LogArguments();

    @Override
    public Integer call() throws Exception {
        BaseServer<?> server = transport.server(
                address,
                handler.handlerClass(transport),
                datagrams.applyTo(options.applyTo(transport)).build());
        mixIn.applyTo(server);
        datagrams.join(server);
        log.applyTo(server, spec.commandLine().getErr());
        return new ServeRun(
                        server, spec.commandLine().getOut(), spec.commandLine().getErr())
                .untilAsked();
    }
}
