package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.socketserver.api.ServerState;
import org.socketserver.api.internal.VirtualThreads;
import org.socketserver.api.server.BaseServer;

/** Binding on interrupted and virtual threads, and while the process starts others. */
@EachThreadedSetup
class BindTest extends ServingTest {
    private static final int BINDS = 150;

    @Test
    void anInterruptedThreadBindsAndStaysInterrupted() throws Exception {
        BaseServer<?> server = server(Handlers.UPPER);
        boolean kept;
        Thread.currentThread().interrupt();
        try {
            server.start();
        } finally {
            kept = Thread.interrupted();
        }
        assertTrue(kept);
        assertEquals("HELLO", client(server).ask("hello"));
    }

    @Test
    void aVirtualThreadBindsAndCloses() throws Exception {
        assumeTrue(VirtualThreads.available(), "needs virtual threads");
        BaseServer<?> server = server(Handlers.UPPER);
        CountDownLatch answered = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        FutureTask<Void> operator = new FutureTask<>(() -> {
            try {
                server.start();
            } finally {
                started.countDown();
            }
            await(answered);
            server.close();
            return null;
        });
        VirtualThreads.newThread("operator", operator).start();
        await(started);
        if (operator.isDone()) {
            await(operator);
        }
        try (Client client = setup.transport().client(server.address())) {
            assertEquals("HELLO", client.ask("hello"));
        }
        answered.countDown();
        await(operator);
        assertEquals(ServerState.CLOSED, server.state());
    }

    /** Between fork(2) and execve(2) such a process has a copy of each descriptor. */
    @Test
    void aServerBindsWhileItsProcessStartsOthers() throws Exception {
        startProcess();
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean over = new AtomicBoolean();
        FutureTask<Void> starts = inBackground(() -> {
            while (!over.get()) {
                new ProcessBuilder("true").start().waitFor();
                begun.countDown();
            }
        });
        try {
            await(begun);
            for (int i = 0; i < BINDS; i++) {
                try (BaseServer<?> server = server(Handlers.UPPER)) {
                    server.bind();
                }
            }
        } finally {
            over.set(true);
        }
        await(starts);
    }

    private static void startProcess() throws InterruptedException {
        try {
            new ProcessBuilder("true").start().waitFor();
        } catch (IOException absent) {
            abort("the program true is missing");
        }
    }
}
