package org.socketserver.mixins.forking.worker;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.socketserver.mixins.forking.wire.ControlChannel;
import org.socketserver.mixins.forking.wire.Frame;
import org.socketserver.mixins.forking.wire.FrameType;

/**
 * Executes the commands of the parent, whatever the handler is doing. Ends the process when its standard input ends:
 * after the command {@link FrameType#END} the parent no longer needs it, otherwise the parent has been killed.
 */
final class CommandLoop extends Thread {
    /** How long the shutdown hooks of the application may take. */
    private static final long HOOKS_MILLIS = 1_000;

    private final ControlChannel commands;
    private final Path socket;
    private final Thread halting = new Thread(CommandLoop::haltSoon, "socketserver worker end");
    private boolean regular;
    private volatile @Nullable WorkerServer server;

    /**
     * Creates the thread.
     *
     * @param socket where the worker connects to the parent
     */
    CommandLoop(ControlChannel commands, Path socket) {
        super("socketserver worker commands");
        setDaemon(true);
        this.commands = commands;
        this.socket = socket;
        halting.setDaemon(true);
    }

    /** Sets the server that is the subject of all commands from now on. */
    void serves(WorkerServer newServer) {
        server = newServer;
    }

    /** Does nothing: an interrupt, which only a handler can have sent, would end the wait for the last answers. */
    @Override
    public void interrupt() {}

    @Override
    public void run() {
        try {
            for (Frame command = commands.receive(); command != null; command = commands.receive()) {
                try {
                    execute(command);
                } catch (IOException | RuntimeException | Error failure) {
                    // A failure, for example without memory for all stacks, does not mean that the parent has exited.
                    System.err.println("the command " + command.type() + " failed: " + failure);
                }
            }
        } catch (IOException lost) {
            // The same as the end of the input.
        } finally {
            leave();
        }
    }

    private void execute(Frame command) throws IOException {
        WorkerServer current = server;
        if (command.type() == FrameType.END) {
            regular = true;
        } else if (current != null) {
            current.execute(command);
        }
    }

    private void leave() {
        WorkerServer current = server;
        if (regular && current != null) {
            current.awaitLastAnswers();
        } else if (!regular) {
            removeFolder();
        }
        try {
            halting.start();
            System.exit(0);
        } finally {
            // Also without memory or threads.
            Runtime.getRuntime().halt(0);
        }
    }

    /**
     * Removes the folder with the sockets, which a parent that was killed has left and which no process uses any more.
     * The first worker removes it.
     */
    private void removeFolder() {
        Path folder = Objects.requireNonNull(socket.getParent(), "the folder of the socket");
        try {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    Files.deleteIfExists(file);
                }
            }
            Files.deleteIfExists(folder);
        } catch (IOException | RuntimeException anotherDoes) {
            // Another worker removes it.
        }
    }

    /** Ends the process even if a shutdown hook hangs. */
    private static void haltSoon() {
        try {
            TimeUnit.MILLISECONDS.sleep(HOOKS_MILLIS);
        } catch (InterruptedException now) {
            // Halts at once.
        }
        Runtime.getRuntime().halt(0);
    }
}
