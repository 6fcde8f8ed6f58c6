package org.socketserver.mixins.worker;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.Frame;
import org.socketserver.mixins.wire.FrameType;
import org.socketserver.mixins.wire.Order;

/**
 * Obeys the parent, whatever the handler is doing, and ends the process when the parent has gone or needs it no more:
 * both close the standard input; only who needs it no more says so before.
 */
final class Orders extends Thread {
    /** How long the shutdown hooks of the application may take. */
    private static final long HOOKS_MILLIS = 1_000;

    private final ControlChannel orders;
    private final Path socket;
    private final Thread halting = new Thread(Orders::haltSoon, "socketserver worker end");
    private boolean regular;
    private volatile @Nullable WorkerServer server;

    Orders(ControlChannel orders, Order first) {
        super("socketserver worker orders");
        setDaemon(true);
        this.orders = orders;
        socket = first.control();
        halting.setDaemon(true);
    }

    /** From now on there is somebody to be ordered. */
    void serves(WorkerServer newServer) {
        server = newServer;
    }

    @Override
    public void run() {
        try {
            for (Frame order = orders.receive(); order != null; order = orders.receive()) {
                obeyAsFarAsPossible(order);
            }
        } catch (IOException lost) {
            // The same as its end.
        } finally {
            leave();
        }
    }

    /** Whatever fails here, such as to tell all stacks when there is no memory, is not the end of the parent. */
    private void obeyAsFarAsPossible(Frame order) {
        try {
            obey(order);
        } catch (IOException | RuntimeException | Error failure) {
            System.err.println("the order " + order.type() + " could not be obeyed: " + failure);
        }
    }

    private void obey(Frame order) throws IOException {
        if (order.type() == FrameType.END) {
            regular = true;
            return;
        }
        WorkerServer current = server;
        if (current == null) {
            return;
        }
        DataInputStream input = order.open();
        switch (order.type()) {
            case DRAIN -> current.pulse().drain(input.readLong());
            case STOPPING -> current.pulse().stops(input.readLong());
            case LOST -> current.lost(input.readLong(), input.readUTF());
            case DUMP -> current.sendStacks(input.readLong());
            default -> {
                // Of a later version; not for us.
            }
        }
    }

    private void leave() {
        WorkerServer current = server;
        if (regular && current != null) {
            current.sayGoodbye();
        } else if (!regular) {
            removeFolder();
        }
        try {
            halting.start();
            System.exit(0);
        } finally {
            // No memory, or no thread: there is nobody to whom that could be told.
            Runtime.getRuntime().halt(0);
        }
    }

    /**
     * The parent was killed, so nobody else tidies up, nor comes to a socket any more: whoever is first removes them
     * all.
     */
    private void removeFolder() {
        Path folder = Objects.requireNonNull(socket.getParent(), "the folder of the socket");
        try {
            try (DirectoryStream<Path> sockets = Files.newDirectoryStream(folder)) {
                for (Path one : sockets) {
                    Files.deleteIfExists(one);
                }
            }
            Files.deleteIfExists(folder);
        } catch (IOException | RuntimeException anotherDoes) {
            // Another one was quicker, or will do it.
        }
    }

    /** Ends the process for certain, should a shutdown hook hang. */
    private static void haltSoon() {
        try {
            TimeUnit.MILLISECONDS.sleep(HOOKS_MILLIS);
        } catch (InterruptedException now) {
            // All the better.
        }
        Runtime.getRuntime().halt(0);
    }
}
