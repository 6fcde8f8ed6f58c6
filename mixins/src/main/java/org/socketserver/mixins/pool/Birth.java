package org.socketserver.mixins.pool;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.spi.DescriptorLock;
import org.socketserver.mixins.WorkerStartException;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.Frame;
import org.socketserver.mixins.wire.FrameType;
import org.socketserver.mixins.wire.Hello;
import org.socketserver.mixins.wire.Link;
import org.socketserver.mixins.wire.LinkPair;
import org.socketserver.mixins.wire.Order;

/**
 * The startup of a worker, from the start of its process until it is ready: it connects to a socket, identifies itself
 * and receives its setup.
 *
 * <p>{@link #begin}, {@link #await} and {@link #close} run on the keeper's thread; {@link #look} and {@link #end} are
 * called by any.
 */
final class Birth implements Closeable {
    private static final SecureRandom SECRETS = new SecureRandom();
    /** How long somebody may keep the socket of a worker busy without saying who it is. */
    private static final long SILENCE = TimeUnit.SECONDS.toNanos(2);

    private final WorkerPool pool;
    private final Meeting place;
    private final OptionsFile options;
    private final WorkerProcess process;
    private final long secret = SECRETS.nextLong();
    /** Who has come and not said yet who it is. Guarded by this, as is what follows. */
    private @Nullable Link caller;

    private long calledAt;
    private boolean ended;

    private Birth(WorkerPool pool, Meeting place, OptionsFile options, WorkerProcess process) {
        this.pool = pool;
        this.place = place;
        this.options = options;
        this.process = process;
    }

    /**
     * Starts a process, if enough file descriptors are free.
     *
     * @throws FreeDescriptors.ShortageException if they are not; nothing was started
     * @throws IOException if the process can't be started
     */
    static Birth begin(WorkerPool pool) throws IOException {
        List<String> command = pool.command();
        FreeDescriptors.claim();
        Meeting place = null;
        OptionsFile options = null;
        Birth begun = null;
        try {
            place = DescriptorLock.shared(pool::meeting);
            Path socket = place.path();
            Path file = socket.resolveSibling(socket.getFileName() + ".options");
            options = DescriptorLock.shared(() -> OptionsFile.write(file, command, WorkerCommand.VISIBLE));
            begun = new Birth(pool, place, options, start(options.command()));
            return begun;
        } finally {
            if (begun == null) {
                FreeDescriptors.release();
                close(options);
                close(place);
            }
        }
    }

    /** Does as little as possible while no accept loop of this JVM can take a connection. */
    private static WorkerProcess start(List<String> command) throws IOException {
        return DescriptorLock.exclusive(() -> {
            FreeDescriptors.requireForProcess();
            return WorkerProcess.start(command);
        });
    }

    WorkerProcess process() {
        return process;
    }

    /** Waits until the process is ready to serve. */
    ControlChannel await() throws IOException {
        process.orders().send(FrameType.START, new Order(place.path(), secret, pool.descriptors())::writeTo);
        ControlChannel met = meet(process.pid());
        boolean ready = false;
        try {
            met.send(FrameType.SETUP, pool.setup()::writeTo);
            Frame answer = met.receive();
            if (answer == null) {
                throw new IOException("it closed its connection");
            }
            if (answer.type() == FrameType.REFUSED) {
                throw new WorkerStartException("it can't make handlers: " + answer.text(), null);
            }
            answer.expect(FrameType.READY);
            ready = true;
            return met;
        } finally {
            if (!ready) {
                met.close();
            }
        }
    }

    /** Waits for the process that was started, whoever else may come: it comes twice, once for each direction. */
    private ControlChannel meet(long pid) throws IOException {
        Link in = null;
        Link out = null;
        try {
            while (in == null || out == null) {
                Link link = accept();
                Hello hello = greeting(link, pid);
                if (hello == null || (hello.reads() ? out : in) != null) {
                    link.close();
                } else if (hello.reads()) {
                    out = link;
                } else {
                    in = link;
                }
            }
            return new ControlChannel(new LinkPair(in, out));
        } finally {
            if (in == null || out == null) {
                close(in);
                close(out);
            }
        }
    }

    /** Waits until somebody who has come says who it is; null if it is not the worker. */
    private @Nullable Hello greeting(Link link, long pid) {
        try {
            comes(link);
            Frame first = new ControlChannel(link).receive();
            if (first == null) {
                // Most likely the worker, killed before it could say who it is.
                pool.log().log(
                        Level.DEBUG,
                        "stranger",
                        "connection to the socket of worker " + pid + " closed without a greeting");
                return null;
            }
            Hello hello = Hello.read(first.expect(FrameType.HELLO).open());
            if (hello.secret() == secret && hello.pid() == pid && isKnown()) {
                return hello;
            }
            pool.log().log(
                    ofStrangers(),
                    "stranger",
                    "connection to the socket of worker " + pid + " rejected: wrong process");
        } catch (IOException stranger) {
            pool.log().log(
                    ofStrangers(), "stranger", "connection to the socket of worker " + pid + " rejected: " + stranger);
        }
        return null;
    }

    /**
     * Once the worker has gone, as in a stop, whoever was about to come is sent away, most likely the worker itself.
     */
    private synchronized Level ofStrangers() {
        return ended ? Level.DEBUG : Level.WARNING;
    }

    private Link accept() throws IOException {
        try {
            return place.accept();
        } catch (ClosedChannelException over) {
            throw new IOException("it ended before it came to its socket", over);
        }
    }

    private synchronized void comes(Link met) throws IOException {
        if (ended) {
            throw new IOException("the worker has gone");
        }
        caller = met;
        calledAt = System.nanoTime();
    }

    /** The caller is the worker; false if it was sent away meanwhile. */
    private synchronized boolean isKnown() {
        boolean there = caller != null;
        caller = null;
        return there;
    }

    /** Sends somebody away who comes and says nothing. */
    synchronized void look(long now) {
        if (caller != null && now - calledAt >= SILENCE) {
            sendAway();
        }
    }

    /** There is no process any more that could come. */
    synchronized void end() {
        ended = true;
        sendAway();
        close(place);
    }

    private void sendAway() {
        close(caller);
        caller = null;
    }

    private static void close(@Nullable Closeable resource) {
        if (resource != null) {
            try {
                resource.close();
            } catch (IOException gone) {
                // As good as closed.
            }
        }
    }

    /** Releases what the startup used, whether it succeeded or not. */
    @Override
    public void close() {
        FreeDescriptors.release();
        close(options);
        close(place);
    }
}
