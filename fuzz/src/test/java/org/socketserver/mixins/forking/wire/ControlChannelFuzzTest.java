package org.socketserver.mixins.forking.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.util.Arrays;
import org.socketserver.fuzz.Allocation;
import org.socketserver.fuzz.Fuzzed;
import org.socketserver.fuzz.Pieces;

@Fuzzed
class ControlChannelFuzzTest {
    @FuzzTest(maxDuration = "")
    void framesAreReceivedAsTheyAreSentOrRefusedAndAllocateAtMostTheLongestFrame(FuzzedDataProvider data)
            throws IOException {
        long sizes = data.consumeLong();
        byte[] bytes = data.consumeRemainingAsBytes();
        // The longest message is allocated before it arrives; small ones many times over.
        Allocation.atMost(ControlChannel.MAX_LENGTH + 64L * bytes.length, () -> {
            byte[] sent = sendAll(new ControlChannel(new Pieces(bytes, sizes), OutputStream.nullOutputStream()));
            assertArrayEquals(Arrays.copyOf(bytes, sent.length), sent);
        });
    }

    /** Receives messages until the input ends or is refused; returns them as they are sent. */
    private static byte[] sendAll(ControlChannel receiving) throws IOException {
        var sent = new ByteArrayOutputStream();
        try (receiving;
                var sending = new ControlChannel(InputStream.nullInputStream(), sent)) {
            for (Frame frame = receiving.receive(); frame != null; frame = receiving.receive()) {
                byte[] payload = frame.payload();
                sending.send(frame.type(), frame.number(), output -> output.write(payload));
            }
        } catch (EOFException | ProtocolException refused) {
            // What was received before is complete.
        }
        return sent.toByteArray();
    }
}
