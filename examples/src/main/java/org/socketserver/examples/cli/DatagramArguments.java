package org.socketserver.examples.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.server.BaseServer;
import org.socketserver.udp.UdpServer;
import picocli.CommandLine.Option;

/** The options of datagram servers. */
final class DatagramArguments {
    @Option(
            names = "--max-datagram",
            paramLabel = "BYTES",
            defaultValue = "65535",
            description = "The longest that is received whole, 1 to 16777216; a longer one is dropped. "
                    + "Default: ${DEFAULT-VALUE}")
    private int maxDatagram;

    @Option(
            names = "--deliver-truncated",
            description = "Give a longer one to the handler, cut, instead of dropping it. Default: no")
    private boolean deliverTruncated;

    @Option(
            names = "--broadcast",
            description = "UDP: allow answers to broadcast addresses (SO_BROADCAST). Default: no")
    private boolean broadcast;

    @Option(
            names = "--join",
            paramLabel = "GROUP@INTERFACE",
            description = "UDP: join a multicast group on a network interface, such as 239.1.2.3@eth0. "
                    + "May be given several times. Default: none")
    private List<String> groups = new ArrayList<>();

    /**
     * Adds these options.
     *
     * @throws IllegalArgumentException if a value is out of bounds
     */
    void applyTo(ServerOptions.Builder options) {
        OptionValue.of("--max-datagram", () -> options.maxDatagramSize(maxDatagram));
        options.deliverTruncated(deliverTruncated).broadcast(broadcast);
    }

    /**
     * Has the server join its groups when it binds.
     *
     * @throws IllegalArgumentException if a group or an interface is none, or the transport has no groups
     */
    void join(BaseServer<?> server) throws IOException {
        for (String group : groups) {
            if (!(server instanceof UdpServer udp)) {
                throw new IllegalArgumentException("--join is for udp; " + server.transport() + " has no groups");
            }
            int at = group.indexOf('@');
            if (at < 0) {
                throw new IllegalArgumentException("--join " + group + " names no interface; write GROUP@INTERFACE");
            }
            udp.join(address(group.substring(0, at)), networkInterface(group.substring(at + 1)));
        }
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException unknown) {
            throw new IllegalArgumentException("the multicast group " + text + " is no address");
        }
    }

    private static NetworkInterface networkInterface(String name) throws IOException {
        NetworkInterface found = NetworkInterface.getByName(name);
        if (found == null) {
            List<String> all = NetworkInterface.networkInterfaces()
                    .map(NetworkInterface::getName)
                    .sorted()
                    .toList();
            throw new IllegalArgumentException(
                    "there is no network interface '" + name + "'; there are " + String.join(", ", all));
        }
        return found;
    }
}
