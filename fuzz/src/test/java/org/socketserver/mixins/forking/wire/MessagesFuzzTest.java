package org.socketserver.mixins.forking.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.socketserver.fuzz.Allocation;
import org.socketserver.fuzz.Fuzzed;
import org.socketserver.mixins.HandlerException;
import org.socketserver.mixins.forking.wire.Messages.Assignment;
import org.socketserver.mixins.forking.wire.Messages.Done;
import org.socketserver.mixins.forking.wire.Messages.Heartbeat;
import org.socketserver.mixins.forking.wire.Messages.Hello;
import org.socketserver.mixins.forking.wire.Messages.Start;

@Fuzzed
class MessagesFuzzTest {
    /** The values with a format of their own, in the order of the first byte of an input. */
    private enum Format {
        START {
            @Override
            void copy(DataInputStream input, DataOutputStream output) throws IOException {
                Start.read(input).writeTo(output);
            }
        },
        HELLO {
            @Override
            void copy(DataInputStream input, DataOutputStream output) throws IOException {
                Hello.read(input).writeTo(output);
            }
        },
        REQUEST {
            @Override
            void copy(DataInputStream input, DataOutputStream output) throws IOException {
                Assignment.read(input).writeTo(output);
            }
        },
        HEARTBEAT {
            @Override
            void copy(DataInputStream input, DataOutputStream output) throws IOException {
                Heartbeat.read(input).writeTo(output);
            }
        },
        DONE {
            @Override
            void copy(DataInputStream input, DataOutputStream output) throws IOException {
                Done done = Done.read(input);
                new Done(done.outcome(), done.thrown(), done.bytesIn(), done.bytesOut(), null, done.reply())
                        .writeTo(output);
                copyFailure(done.failure(), output);
            }
        },
        FAILURE {
            @Override
            void copy(DataInputStream input, DataOutputStream output) throws IOException {
                copyFailure(FailureFormat.read(input), output);
            }
        },
        VALUE {
            @Override
            void copy(DataInputStream input, DataOutputStream output) throws IOException {
                PortableValues.write(output, PortableValues.read(input));
            }
        };

        abstract void copy(DataInputStream input, DataOutputStream output) throws IOException;

        byte[] copied(byte[] input) throws IOException {
            var output = new ByteArrayOutputStream();
            copy(new DataInputStream(new ByteArrayInputStream(input)), new DataOutputStream(output));
            return output.toByteArray();
        }
    }

    /** Writes what a copy of a failure keeps: the parent reads failures and does not send them on. */
    private static void copyFailure(@Nullable Throwable failure, DataOutputStream output) throws IOException {
        if (failure == null) {
            output.writeBoolean(false);
            return;
        }
        var bytes = new ByteArrayOutputStream();
        FailureFormat.write(new DataOutputStream(bytes), failure);
        Exception copy = FailureFormat.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        if (!(failure instanceof HandlerException) && failure.getMessage().length() <= 1_000) {
            assertEquals(failure.toString(), copy.toString());
        }
        assertEquals(depth(failure), depth(copy));
    }

    private static int depth(Throwable failure) {
        int depth = 0;
        for (Throwable next = failure; next != null; next = next.getCause()) {
            depth++;
        }
        return depth;
    }

    @FuzzTest(maxDuration = "")
    void aMessageIsReadAsItIsWrittenOrRefusedInMemoryThatItsLengthBounds(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        Format[] formats = Format.values();
        Format format = formats[(input[0] & 0xff) % formats.length];
        byte[] message = Arrays.copyOfRange(input, 1, input.length);
        Allocation.atMost(256L * message.length, () -> {
            byte[] copy;
            try {
                copy = format.copied(message);
            } catch (IOException refused) {
                if (refused instanceof ProtocolException) {
                    assertEquals(false, refused.getMessage().isEmpty());
                }
                return;
            }
            // Not always the same bytes: 2 is true as well, and a path loses a second slash.
            if (format != Format.DONE && format != Format.FAILURE) {
                assertArrayEquals(copy, format.copied(copy), format.name());
            }
        });
    }
}
