package org.socketserver.mixins.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.socketserver.api.Deadline;
import org.socketserver.api.ServerOptions;
import org.socketserver.api.StreamRequest;

/**
 * The deadlines that a hook of the server has set for one connection, before it went to its worker.
 *
 * @param number of the request that the connection is
 * @param times by deadline; zero for no limit
 */
public record OwnDeadlines(long number, Map<Deadline, Duration> times) {
    /** Those that are a connection's own business; the others are set by the options only. */
    private static final List<Deadline> SETTABLE =
            List.of(Deadline.FIRST_BYTE, Deadline.IDLE, Deadline.READ, Deadline.WRITE);

    /** Copies the map. */
    public OwnDeadlines {
        times = Map.copyOf(times);
    }

    /**
     * Returns the deadlines that differ from the server's options.
     *
     * @param number of the request
     * @param connection the connection
     * @param options the server's
     * @return often none
     */
    public static OwnDeadlines of(long number, StreamRequest connection, ServerOptions options) {
        Map<Deadline, Duration> times = new EnumMap<>(Deadline.class);
        for (Deadline deadline : SETTABLE) {
            Duration time = connection.deadline(deadline);
            if (!time.equals(options.deadline(deadline))) {
                times.put(deadline, time);
            }
        }
        return new OwnDeadlines(number, times);
    }

    /**
     * Sets them.
     *
     * @param connection the connection
     */
    public void applyTo(StreamRequest connection) {
        times.forEach(connection::deadline);
    }

    /**
     * Writes them.
     *
     * @param output where to
     * @throws IOException if they can't be written
     */
    public void writeTo(DataOutputStream output) throws IOException {
        output.writeLong(number);
        output.writeByte(times.size());
        for (Map.Entry<Deadline, Duration> entry : times.entrySet()) {
            output.writeByte(SETTABLE.indexOf(entry.getKey()));
            output.writeLong(entry.getValue().toMillis());
        }
    }

    /**
     * Reads them.
     *
     * @param input where from
     * @return the message
     * @throws IOException if it is none
     */
    public static OwnDeadlines read(DataInputStream input) throws IOException {
        long number = input.readLong();
        Map<Deadline, Duration> times = new EnumMap<>(Deadline.class);
        for (int left = input.readUnsignedByte(); left > 0; left--) {
            int code = input.readUnsignedByte();
            long millis = input.readLong();
            if (code >= SETTABLE.size() || millis < 0) {
                throw new ProtocolException("a deadline " + code + " of " + millis + " ms; there are 0 to "
                        + (SETTABLE.size() - 1) + ", of 0 ms and more");
            }
            times.put(SETTABLE.get(code), Duration.ofMillis(millis));
        }
        return new OwnDeadlines(number, times);
    }
}
