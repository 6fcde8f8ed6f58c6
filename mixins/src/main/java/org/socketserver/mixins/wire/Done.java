package org.socketserver.mixins.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.socketserver.api.RequestOutcome;

/**
 * What became of a request in a worker.
 *
 * @param number the request
 * @param outcome how it ended
 * @param thrown true if the failure was thrown by the handler, false if the handler has made the best of it
 * @param bytesIn bytes that it has read
 * @param bytesOut bytes that it has written
 * @param failure what ended it; null if nothing did
 * @param reply the packet that answers it, for the parent to send; empty for none
 */
public record Done(
        long number,
        RequestOutcome outcome,
        boolean thrown,
        long bytesIn,
        long bytesOut,
        @Nullable Throwable failure,
        ByteBuffer reply) {
    private static final ByteBuffer NO_REPLY = ByteBuffer.allocate(0);

    /**
     * Creates a message without a reply.
     *
     * @param number the request
     * @param outcome how it ended
     * @param thrown true if the failure was thrown by the handler
     * @param bytesIn bytes that it has read
     * @param bytesOut bytes that it has written
     * @param failure what ended it; null if nothing did
     */
    public Done(
            long number,
            RequestOutcome outcome,
            boolean thrown,
            long bytesIn,
            long bytesOut,
            @Nullable Throwable failure) {
        this(number, outcome, thrown, bytesIn, bytesOut, failure, NO_REPLY);
    }

    /**
     * Writes it.
     *
     * @param output where to
     * @throws IOException if it can't be written
     */
    public void writeTo(DataOutputStream output) throws IOException {
        output.writeLong(number);
        output.writeByte(outcome.ordinal());
        output.writeBoolean(thrown);
        output.writeLong(bytesIn);
        output.writeLong(bytesOut);
        output.writeBoolean(failure != null);
        if (failure != null) {
            FailureFormat.write(output, failure);
        }
        byte[] packet = new byte[reply.remaining()];
        reply.duplicate().get(packet);
        output.writeInt(packet.length);
        output.write(packet);
    }

    /**
     * Reads which request it is about, and no more.
     *
     * @param input where from
     * @return the number of the request
     * @throws IOException if it is none
     */
    public static long numberOf(DataInputStream input) throws IOException {
        return input.readLong();
    }

    /**
     * Reads it.
     *
     * @param input where from
     * @return the message
     * @throws IOException if it is none
     */
    public static Done read(DataInputStream input) throws IOException {
        long number = input.readLong();
        int code = input.readUnsignedByte();
        if (code >= RequestOutcome.values().length) {
            throw new ProtocolException(
                    "an outcome " + code + "; the greatest is " + (RequestOutcome.values().length - 1));
        }
        return new Done(
                number,
                RequestOutcome.values()[code],
                input.readBoolean(),
                input.readLong(),
                input.readLong(),
                input.readBoolean() ? FailureFormat.read(input) : null,
                readReply(input));
    }

    private static ByteBuffer readReply(DataInputStream input) throws IOException {
        int length = input.readInt();
        byte[] packet = input.readNBytes(Math.max(0, length));
        if (packet.length != length) {
            throw new ProtocolException("a reply of " + length + " bytes, of which " + packet.length + " came");
        }
        return ByteBuffer.wrap(packet);
    }
}
