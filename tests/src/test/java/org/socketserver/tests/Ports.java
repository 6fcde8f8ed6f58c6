package org.socketserver.tests;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for tests that bind the same address more than once.
 *
 * <p>Between a close and the next bind the system may assign an ephemeral port to another process, such as another JVM
 * of the tests. These ports are below Linux's ephemeral range (ip(7), {@code ip_local_port_range}), and each JVM has
 * its own.
 */
final class Ports {
    private static final int FIRST = 10_000;
    private static final int EACH = 50;
    private static final int JVMS = 400;

    private static final int OWN = FIRST + EACH * (int) (ProcessHandle.current().pid() % JVMS);

    private static final AtomicInteger NEXT = new AtomicInteger();

    private Ports() {}

    /** Returns a loopback address with a port that is free for TCP and UDP. */
    static InetSocketAddress free() throws IOException {
        for (int i = 0; i < EACH; i++) {
            InetSocketAddress address = new InetSocketAddress("127.0.0.1", OWN + NEXT.getAndIncrement() % EACH);
            try (ServerSocket tcp = new ServerSocket();
                    DatagramSocket udp = new DatagramSocket(null)) {
                tcp.bind(address);
                udp.bind(address);
                return address;
            } catch (IOException taken) {
                // Try the next one.
            }
        }
        throw new IOException("no port from " + OWN + " to " + (OWN + EACH - 1) + " is free");
    }
}
