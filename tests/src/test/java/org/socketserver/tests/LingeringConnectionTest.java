package org.socketserver.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.socketserver.api.server.BaseServer;

/** A connection that is closed cleanly is released soon, even if its peer never closes. The test counts descriptors. */
@SomeStreamSetups
class LingeringConnectionTest extends ServingTest {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private final CountDownLatch sent = new CountDownLatch(1);

    @BeforeEach
    void haveProc() {
        assumeTrue(Files.isDirectory(DESCRIPTORS), "needs /proc");
    }

    private static long sockets() throws IOException {
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            return all.filter(LingeringConnectionTest::isSocket).count();
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private BaseServer<?> server() throws IOException {
        return started(request -> {
            sent.await();
            Handlers.answer(request, "done");
        });
    }

    /** Opens a connection whose client has sent bytes that nobody reads, and does not close. Its request has ended. */
    private void letOneLinger(BaseServer<?> server) throws Exception {
        StreamClient client = connect(server);
        client.write(new byte[1_000]);
        client.awaitWritten();
        sent.countDown();
        events.awaitEnds(1);
        assertEquals("done", client.receive());
    }

    /** Waits until at most the given number of sockets are open. */
    private static void awaitSockets(long most) throws Exception {
        long began = System.nanoTime();
        while (sockets() > most) {
            assertTrue(millisSince(began) < 20_000, sockets() + " sockets, expected at most " + most);
            Thread.sleep(20);
        }
    }

    @Test
    void itIsReleasedWithinAboutTwoSeconds() throws Exception {
        BaseServer<?> server = server();
        long before = sockets();
        letOneLinger(server);
        awaitSockets(before + 1);
    }

    @Test
    void closingTheServerWaitsForIt() throws Exception {
        long before = sockets();
        BaseServer<?> server = server();
        letOneLinger(server);
        server.close();
        long after = sockets();
        assertTrue(
                after <= before + 1,
                "sockets before: " + before + ", after: " + after + ", which includes the client's");
    }

    @Test
    void anInterruptEndsThatWait() throws Exception {
        long before = sockets();
        BaseServer<?> server = server();
        letOneLinger(server);
        Thread.currentThread().interrupt();
        server.close();
        assertTrue(Thread.interrupted(), "the interrupt is kept");
        awaitSockets(before + 1);
    }
}
