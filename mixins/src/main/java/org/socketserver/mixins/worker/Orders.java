package org.socketserver.mixins.worker;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.socketserver.mixins.wire.ControlChannel;
import org.socketserver.mixins.wire.Frame;
import org.socketserver.mixins.wire.Order;

/**
 * Obeys the parent, whatever the handler is doing, and ends the process when the parent has gone or needs it no more: both
 * close the standard input.
 */
final class Orders extends Thread {
    /** How long the shutdown hooks of the application may take. */
    private static final long HOOKS_MILLIS = 1_000;

    private final ControlChannel orders;
    private final Path folder;
    private final @Nullable ProcessHandle parent;
    private volatile @Nullable WorkerServer server;

    Orders(ControlChannel orders, Order first) {
        super("socketserver worker orders");
        setDaemon(true);
        this.orders = orders;
        folder = Objects.requireNonNull(first.control().getParent(), "the folder of the socket");
        parent = ProcessHandle.current().parent().orElse(null);
    }

    /** From now on there is somebody to be ordered. */
    void serves(WorkerServer newServer) {
        server = newServer;
    }

    @Override
    public void run() {
        try {
            for (Frame order = orders.receive(); order != null; order = orders.receive()) {
                obey(order);
            }
        } catch (IOException lost) {
            // The same as its end.
        } finally {
            leave();
        }
    }

    private void obey(Frame order) throws IOException {
        WorkerServer current = server;
        if (current == null) {
            return;
        }
        DataInputStream input = order.open();
        switch (order.type()) {
            case DRAIN -> current.pulse().drain(input.readLong());
            case STOPPING -> current.pulse().stops(input.readLong());
            case LOST -> current.lost(input.readLong(), input.readUTF());
            case DUMP -> current.sendStacks();
            default -> {
                // Of a later version; not for us.
            }
        }
    }

    private void leave() {
        if (parent == null || !parent.isAlive()) {
            // Killed, so nobody else tidies up; the last worker succeeds.
            try {
                Files.deleteIfExists(folder);
            } catch (IOException notTheLast) {
                // Another one will.
            }
        }
        Thread end = new Thread(Orders::haltSoon, "socketserver worker end");
        end.setDaemon(true);
        end.start();
        System.exit(0);
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
