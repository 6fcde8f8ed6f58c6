package org.socketserver.mixins.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A request on its way to a worker.
 *
 * @param number counts the requests of this worker, from 1
 * @param kind what it is, and how it comes
 * @param stopping true if the server is stopping already
 * @param awaitsRelease true if the peer may know of the end only after {@link FrameType#RELEASE}
 * @param local the address of the server that it came to
 * @param remote the address of the peer
 * @param facts what else is known of the peer, such as its credentials
 * @param truncated true if bytes of the packet are missing
 * @param maxReplySize bytes that a reply may have; 0 for connections
 * @param data the packet; empty for connections
 */
public record Assignment(
        long number,
        Kind kind,
        boolean stopping,
        boolean awaitsRelease,
        SocketAddress local,
        SocketAddress remote,
        List<Object> facts,
        boolean truncated,
        int maxReplySize,
        byte[] data) {
    private static final byte[] NOTHING = {};

    /** What a request is, and how it comes. */
    public enum Kind {
        /** A connection whose descriptor comes along. */
        DESCRIPTOR,
        /** A connection that the parent reads and writes for the worker. */
        RELAY,
        /** A packet. */
        PACKET
    }

    /**
     * A connection.
     *
     * @param number of this worker
     * @param descriptor true if it comes along, false if it is relayed
     * @param stopping true if the server is stopping already
     * @param awaitsRelease true if the peer may know of the end only after {@link FrameType#RELEASE}
     * @param local the server's address
     * @param remote the peer's address
     * @param facts what else is known of the peer
     * @return the message
     */
    public static Assignment connection(
            long number,
            boolean descriptor,
            boolean stopping,
            boolean awaitsRelease,
            SocketAddress local,
            SocketAddress remote,
            List<Object> facts) {
        return new Assignment(
                number,
                descriptor ? Kind.DESCRIPTOR : Kind.RELAY,
                stopping,
                awaitsRelease,
                local,
                remote,
                facts,
                false,
                0,
                NOTHING);
    }

    /**
     * Writes it.
     *
     * @param output where to
     * @throws IOException if it can't be written
     */
    public void writeTo(DataOutputStream output) throws IOException {
        output.writeLong(number);
        output.writeByte(kind.ordinal());
        output.writeBoolean(stopping);
        output.writeBoolean(awaitsRelease);
        PortableValues.write(output, local);
        PortableValues.write(output, remote);
        output.writeByte(facts.size());
        for (Object fact : facts) {
            PortableValues.write(output, fact);
        }
        output.writeBoolean(truncated);
        output.writeInt(maxReplySize);
        output.write(data);
    }

    /**
     * Reads it.
     *
     * @param input where from
     * @return the message
     * @throws IOException if it is none
     */
    public static Assignment read(DataInputStream input) throws IOException {
        long number = input.readLong();
        int code = input.readUnsignedByte();
        if (code >= Kind.values().length) {
            throw new ProtocolException("a request of kind " + code + "; there are 0 to " + (Kind.values().length - 1));
        }
        boolean stopping = input.readBoolean();
        boolean awaitsRelease = input.readBoolean();
        SocketAddress local = readAddress(input);
        SocketAddress remote = readAddress(input);
        List<Object> facts = new ArrayList<>();
        for (int left = input.readUnsignedByte(); left > 0; left--) {
            facts.add(PortableValues.read(input));
        }
        return new Assignment(
                number,
                Kind.values()[code],
                stopping,
                awaitsRelease,
                local,
                remote,
                List.copyOf(facts),
                input.readBoolean(),
                input.readInt(),
                // Not all at once: that would begin with a buffer of 16 KiB.
                input.readNBytes(input.available()));
    }

    static SocketAddress readAddress(DataInputStream input) throws IOException {
        Object value = PortableValues.read(input);
        if (value instanceof SocketAddress address) {
            return address;
        }
        throw new ProtocolException("a " + value.getClass().getName() + " where an address had to come");
    }
}
