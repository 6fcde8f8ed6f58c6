package org.socketserver.tests;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.socketserver.api.Deadline;
import org.socketserver.api.Limits;
import org.socketserver.api.Request;
import org.socketserver.api.RequestHandler;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.WhenFull;
import org.socketserver.api.server.BaseServer;
import org.socketserver.api.spi.MixIn;

/**
 * One way for a request to end, and the reasons that are reported.
 *
 * @param name what happens
 * @param reasons the reported reasons of its requests, sorted
 */
record Ending(
        String name,
        List<String> reasons,
        Predicate<Setup> applies,
        UnaryOperator<ServerOptions> options,
        UnaryOperator<MixIn> mixIn,
        Consumer<EndingRound> arrange,
        Class<? extends RequestHandler<Request>> handler,
        Act act) {
    /** What the clients do. */
    interface Act {
        void run(EndingRound round, BaseServer<?> server) throws Exception;
    }

    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Limits ONE_EACH = Limits.NONE.perClient(1);
    private static final Act CONNECT = (round, server) -> round.client(server);

    /** Returns all exit paths. */
    static List<Ending> all() {
        List<Ending> all = new ArrayList<>(handlerEndings());
        all.addAll(hookEndings());
        all.addAll(rejections());
        all.addAll(deadlines());
        all.addAll(departures());
        return all;
    }

    private static List<Ending> handlerEndings() {
        return List.of(
                of("the handler is done", "done"),
                of("the handler throws", "failed").sending("throw on purpose"),
                of("the handler runs out of memory", "failed").sending("memory"),
                of("the handler overflows its stack", "failed").sending("overflow"),
                of("the constructor throws", "failed").handler(Faults.FailingConstructor.class),
                of("setup throws", "failed").handler(Faults.FailingSetup.class),
                of("handle throws", "failed").handler(Faults.FailingHandle.class),
                of("finish throws", "failed").handler(Faults.FailingFinish.class));
    }

    private static List<Ending> hookEndings() {
        return List.of(
                of("verifyRequest throws", "failed").failing("verifyRequest"),
                of("processRequest throws", "failed").failing("processRequest"),
                of("finishRequest throws", "failed").failing("finishRequest"),
                of("handleError throws", "failed").failing("handleError").sending("throw on purpose"),
                of("shutdownRequest throws", "done").failing("shutdownRequest"),
                of("closeRequest throws", "done").failing("closeRequest"),
                of("serviceActions throws", "done").failing("serviceActions"),
                of("the mix-in throws", "failed").mixIn(Faults.NoThread::new),
                of("hasCapacity throws", "done").mixIn(Faults.FailingCapacity::new));
    }

    private static List<Ending> rejections() {
        return List.of(
                of("verifyRequest returns false", "rejected: not verified")
                        .arrange(round -> round.hooks.around("verifyRequest", (proceed, request) -> false)),
                of("a rule matches", "rejected: denied").limits(Limits.NONE.deny(request -> true)),
                of("a rule throws", "rejected: denied").limits(Limits.NONE.deny(request -> {
                    throw new IllegalStateException("a rule");
                })),
                of("clientKey throws", "rejected: denied").limits(ONE_EACH).failing("clientKey"),
                of("the server is full", "rejected: full")
                        .limits(Limits.NONE.whenFull(WhenFull.REJECT))
                        .mixIn(Faults.Full::new),
                of("a client has one request too many", "done", "rejected: per client")
                        .on(Setup::isConcurrent)
                        .limits(ONE_EACH)
                        .act(EndingRound::oneTooMany),
                of("no descriptor is free", "rejected: no descriptors")
                        .on(Setup::isStream)
                        .arrange(round -> round.hooks.around("getRequest", (proceed, request) -> {
                            round.hooks.restore("getRequest");
                            throw new IOException("Too many open files");
                        })));
    }

    private static List<Ending> deadlines() {
        return List.of(
                of("no first byte", "timed out: first byte").late(Deadline.FIRST_BYTE, CONNECT),
                of("no further byte", "timed out: idle")
                        .late(Deadline.IDLE, EndingRound::provoke)
                        .handler(Handlers.Upper.class),
                of("a read takes too long", "timed out: read").late(Deadline.READ, CONNECT),
                of("a read takes too long, wrapped", "timed out: read")
                        .late(Deadline.READ, (round, server) -> round.send("wrapped")),
                of("a read takes too long, and the handler answers", "timed out: read")
                        .late(Deadline.READ, (round, server) -> round.send("polite")),
                of("a write takes too long", "timed out: write")
                        .late(Deadline.WRITE, (round, server) -> round.send("flood")),
                of("a connection reaches its age", "timed out: age").late(Deadline.AGE, CONNECT),
                of("the request takes too long", "timed out: request")
                        .late(Deadline.REQUEST, (round, server) -> round.send("sleep 1000000"))
                        .on(setup -> true));
    }

    private static List<Ending> departures() {
        return List.of(
                of("the peer disconnects", "disconnected").on(Setup::isStream).act((round, server) -> {
                    Client client = round.client(server);
                    client.send("flood");
                    client.close();
                }),
                of("the handler closes and then reads", "disconnected")
                        .on(Setup::isStream)
                        .sending("close"),
                of("a stop aborts it", "aborted").act((round, server) -> {
                    round.waits();
                    server.shutdown(Duration.ZERO);
                }));
    }

    private static Ending of(String name, String... reasons) {
        return new Ending(
                name,
                List.of(reasons),
                setup -> true,
                options -> options,
                mixIn -> mixIn,
                round -> {},
                ObedientHandler.Once.class,
                (round, server) -> round.send("quiet"));
    }

    private Ending on(Predicate<Setup> where) {
        return new Ending(name, reasons, where, options, mixIn, arrange, handler, act);
    }

    private Ending with(UnaryOperator<ServerOptions> change) {
        return new Ending(name, reasons, applies, change, mixIn, arrange, handler, act);
    }

    private Ending limits(Limits limits) {
        return with(options -> options.limits(limits));
    }

    private Ending mixIn(UnaryOperator<MixIn> wrapped) {
        return new Ending(name, reasons, applies, options, wrapped, arrange, handler, act);
    }

    private Ending arrange(Consumer<EndingRound> before) {
        return new Ending(name, reasons, applies, options, mixIn, before, handler, act);
    }

    /** Makes a hook throw on each call. */
    private Ending failing(String hook) {
        return arrange(round -> round.hooks.before(hook, () -> {
            throw new IllegalStateException(hook);
        }));
    }

    private Ending handler(Class<? extends RequestHandler<Request>> type) {
        return new Ending(name, reasons, applies, options, mixIn, arrange, type, act);
    }

    /** Makes a client send a command. */
    private Ending sending(String command) {
        return act((round, server) -> round.send(command));
    }

    private Ending act(Act peers) {
        return new Ending(name, reasons, applies, options, mixIn, arrange, handler, peers);
    }

    /** Sets a short deadline. */
    private Ending late(Deadline deadline, Act peers) {
        return on(Setup::isStream)
                .with(options -> options.deadline(deadline, SHORT).ageJitter(0))
                .act(peers);
    }

    @Override
    public String toString() {
        return name;
    }
}
